"""What NengoLoihi lacks for our networks."""
