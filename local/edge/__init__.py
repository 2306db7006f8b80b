"""The local edge: CloudFront, Media CDN and Cloud CDN on one machine, as they document it (`python -m local.edge`)."""
