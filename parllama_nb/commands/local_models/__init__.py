"""What is done with models on this machine, each as a command."""
