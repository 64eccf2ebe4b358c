"""What a workload needs beside its own bucket: AWS's buckets and other services' hosts, each judged."""
