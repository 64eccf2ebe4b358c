"""Live AWS to snapshot: sessions, the plan of calls, and the recording itself."""
