"""What officers type, read into the values of the services; what can't be read keeps its place and its words."""
