use crate::proto::v1;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The four kinds of call a gRPC method can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// One request, one response.
    Unary,
    /// Many requests, one response.
    ClientStreaming,
    /// One request, many responses.
    ServerStreaming,
    /// Many of both.
    Bidi,
}

impl CallKind {
    /// The contract's name of the feature "can make calls of this kind".
    pub fn feature(self) -> &'static str {
        match self {
            CallKind::Unary => "unary",
            CallKind::ClientStreaming => "client_streaming",
            CallKind::ServerStreaming => "server_streaming",
            CallKind::Bidi => "bidi",
        }
    }

    /// Whether the client may send more than one message.
    pub fn streams_requests(self) -> bool {
        matches!(self, CallKind::ClientStreaming | CallKind::Bidi)
    }
}

/// A method a case can call, written as in `proto/testing/test.proto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Method {
    /// `TestService.EmptyCall`
    EmptyCall,
    /// `TestService.UnaryCall`
    UnaryCall,
    /// `TestService.StreamingInputCall`
    StreamingInputCall,
    /// `TestService.StreamingOutputCall`
    StreamingOutputCall,
    /// `TestService.FullDuplexCall`
    FullDuplexCall,
    /// `TestService.HalfDuplexCall`
    HalfDuplexCall,
    /// `TestService.UnimplementedCall`, which no server implements.
    UnimplementedCall,
    /// `UnimplementedService.UnimplementedCall`, which no server offers.
    #[serde(rename = "UnimplementedService/UnimplementedCall")]
    UnimplementedServiceCall,
}

impl Method {
    /// What kind of call it is.
    pub fn kind(self) -> CallKind {
        match self {
            Method::EmptyCall | Method::UnaryCall | Method::UnimplementedCall | Method::UnimplementedServiceCall => {
                CallKind::Unary
            }
            Method::StreamingInputCall => CallKind::ClientStreaming,
            Method::StreamingOutputCall => CallKind::ServerStreaming,
            Method::FullDuplexCall | Method::HalfDuplexCall => CallKind::Bidi,
        }
    }

    /// The `:path` of its requests.
    pub fn path(self) -> &'static str {
        match self {
            Method::EmptyCall => "/grpc.testing.TestService/EmptyCall",
            Method::UnaryCall => "/grpc.testing.TestService/UnaryCall",
            Method::StreamingInputCall => "/grpc.testing.TestService/StreamingInputCall",
            Method::StreamingOutputCall => "/grpc.testing.TestService/StreamingOutputCall",
            Method::FullDuplexCall => "/grpc.testing.TestService/FullDuplexCall",
            Method::HalfDuplexCall => "/grpc.testing.TestService/HalfDuplexCall",
            Method::UnimplementedCall => "/grpc.testing.TestService/UnimplementedCall",
            Method::UnimplementedServiceCall => "/grpc.testing.UnimplementedService/UnimplementedCall",
        }
    }

    /// Its number in a Script.
    pub fn number(self) -> v1::Method {
        match self {
            Method::EmptyCall => v1::Method::EmptyCall,
            Method::UnaryCall => v1::Method::UnaryCall,
            Method::StreamingInputCall => v1::Method::StreamingInputCall,
            Method::StreamingOutputCall => v1::Method::StreamingOutputCall,
            Method::FullDuplexCall => v1::Method::FullDuplexCall,
            Method::HalfDuplexCall => v1::Method::HalfDuplexCall,
            Method::UnimplementedCall => v1::Method::UnimplementedCall,
            Method::UnimplementedServiceCall => v1::Method::UnimplementedServiceCall,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.path().trim_start_matches("/grpc.testing."))
    }
}
