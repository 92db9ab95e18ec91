package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	"interop/peer"
	"interop/scriptpb"
)

// connectTimeout is how long an EAGER channel may take to connect.
const connectTimeout = 5 * time.Second

// dial opens the channel that a script asks for, and connects it unless the script leaves that to the first call.
func dial(ctx context.Context, address string, script *scriptpb.Channel) (*grpc.ClientConn, error) {
	creds, err := channelCredentials(script.GetTls())
	if err != nil {
		return nil, err
	}
	// The address is an IP literal: "passthrough" leaves it alone.
	conn, err := grpc.NewClient("passthrough:///"+address,
		grpc.WithTransportCredentials(creds),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(peer.MaxMessage)),
		grpc.WithDisableRetry(),
		grpc.WithDisableServiceConfig(),
		grpc.WithNoProxy(),
		grpc.WithStatsHandler(watcher{}),
	)
	if err != nil {
		return nil, fmt.Errorf("create channel: %w", err)
	}
	if script.GetConnect() == scriptpb.Channel_EAGER {
		if err := connect(ctx, conn); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return conn, nil
}

// channelCredentials trusts the script's certificate authority only, or is plaintext where the script has no TLS.
func channelCredentials(script *scriptpb.Tls) (credentials.TransportCredentials, error) {
	if script == nil {
		return insecure.NewCredentials(), nil
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(script.CaPem) {
		return nil, errors.New("no certificate in ca_pem")
	}
	return credentials.NewTLS(&tls.Config{RootCAs: roots, ServerName: script.ServerName}), nil
}

// connect waits until the channel is connected. The channel itself tries again after a failure, so only time ends the wait.
func connect(ctx context.Context, conn *grpc.ClientConn) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	for {
		state := conn.GetState()
		switch state {
		case connectivity.Ready:
			return nil
		case connectivity.Idle:
			conn.Connect()
		}
		if !conn.WaitForStateChange(ctx, state) {
			return fmt.Errorf("not connected after %s: channel is %s", connectTimeout, state)
		}
	}
}
