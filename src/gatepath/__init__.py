"""gatepath: why a workload can't reach S3 or DynamoDB through its gateway VPC endpoint."""

__version__ = "0.1.0"
