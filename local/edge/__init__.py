"""The local edge: an HTTP cache on one machine that behaves as CloudFront documents (`python -m local.edge -h`)."""
