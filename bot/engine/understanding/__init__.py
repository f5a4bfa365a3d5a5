"""What people mean by what they type: spelling, topics, danger."""
