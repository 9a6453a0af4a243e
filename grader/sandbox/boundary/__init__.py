"""The boundary of the box: what crosses it, and which rights a worker gives up."""
