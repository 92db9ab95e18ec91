"""The Python peer: a client and a server for the peer contract, on grpcio."""
