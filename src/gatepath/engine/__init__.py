"""AWS semantics as pure functions on the model, each usable alone."""
