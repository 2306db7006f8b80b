"""The numbers that AWS and Google set for a shared cache. Names end with their unit, or with what is counted.

Sources: [API] the service's API model as botocore 1.44 has it and the provider's documentation of it, [SL] "Creating a
Valkey serverless cache" of the Amazon ElastiCache User Guide, [MR] "Redis tier capabilities" of Memorystore for Redis.
"""

# ElastiCache Serverless
MIN_STORAGE_GIGABYTES, MAX_STORAGE_GIGABYTES = 1, 5_000  # [API] CacheUsageLimits.DataStorage
MIN_ECPU_PER_SECOND, MAX_ECPU_PER_SECOND = 1_000, 15_000_000  # [API] CacheUsageLimits.ECPUPerSecond
MIN_SUBNETS, MAX_SUBNETS = 2, 3  # [SL] each in another availability zone
MAX_SNAPSHOT_RETENTION_DAYS = 35  # [API] SnapshotRetentionLimit
MAX_GATEWAY_SECURITY_GROUPS = 50  # below the 60 inbound rules of a security group (VPC quotas)
ID_CHARACTERS = 40  # of a user, a user group and a cache
PORTS = (6_379, 6_380)  # for writes, and for reads alone

# Memorystore for Redis
MIN_MEMORY_GIGABYTES, MAX_MEMORY_GIGABYTES = 1, 300  # [MR]

NAME_CHARACTERS = 26  # of the component: an instance's and a cache's name have 40, with our suffix and Pulumi's

# What waits for a shared cache
MIN_TIMEOUT_SECONDS, MAX_TIMEOUT_SECONDS = 0.01, 5.0
MIN_RETRY_SECONDS, MAX_RETRY_SECONDS = 1, 300
MAX_DATABASE = 15  # Redis has 16 unless it is configured otherwise
