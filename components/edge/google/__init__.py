"""What the edges on Google Cloud have in common; certificate, firewall and monitoring need the cloud's SDK."""
