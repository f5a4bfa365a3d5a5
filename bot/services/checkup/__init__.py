"""Whether everything is in place: what `bot doctor` and the page of the channels tell an operator."""
