"""Deciding: pure functions of recorded values, so that recorded history can be replayed against another policy."""
