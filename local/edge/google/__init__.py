"""What Media CDN and Cloud CDN have in common."""
