"""Tables that pages show and files hold: the same columns, the same cells, the same silence about few people."""
