"""The gcp stand-in: records resources as Google Cloud would answer, without a project."""
