"""How bytes travel: HTTP, SOAP, secrets, patience inside one call. Knows nothing about letters."""
