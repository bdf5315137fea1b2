"""Turn a template and a customer into an issued form: a PDF and its exact geometry."""
