use super::{CaseId, Level, Method, ServerConfig, StatusCode, Transport, once, written};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::str::FromStr;

/// One case: what a client does and what must come of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Case {
    /// Stable name; the file's name without `.yaml`.
    pub id: CaseId,
    /// One line for people.
    pub title: String,
    /// Where the behaviour is specified.
    pub spec: String,
    /// How binding it is.
    pub level: Level,
    /// When it runs.
    pub tier: Tier,
    /// Time for the client's whole job in milliseconds.
    pub timeout_ms: u32,
    /// When the channel connects.
    pub connect: Connect,
    /// Over what it runs.
    pub transports: Vec<Transport>,
    /// How the server is set up, where that is not the usual for the transport.
    pub server: Option<ServerConfig>,
    /// What a TLS client trusts and asks for.
    pub tls: ClientTls,
    /// The calls, one after another.
    pub calls: Vec<Call>,
    /// Wire rules of this case that hold on each of its calls, and those about all of them together.
    #[serde(with = "serde_yaml::with::singleton_map_recursive")]
    pub wire: Vec<WireRule>,
}

/// When a case runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// In `make interop`.
    #[default]
    Default,
    /// In a target of its own: documented-size soak tests and the like.
    Extended,
}

impl Tier {
    /// Its name, as on the command line and in case files.
    pub fn name(self) -> &'static str {
        match self {
            Tier::Default => "default",
            Tier::Extended => "extended",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Tier {
    type Err = String;

    fn from_str(name: &str) -> Result<Tier, String> {
        let tiers = [Tier::Default, Tier::Extended];
        tiers.into_iter().find(|tier| tier.name() == name).ok_or_else(|| "there are default and extended".to_owned())
    }
}

/// When a channel connects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Connect {
    /// Before the first call.
    #[default]
    Eager,
    /// With the first call.
    Lazy,
}

impl Case {
    /// How the server of a cell is set up.
    pub fn server_config(&self, transport: Transport) -> ServerConfig {
        self.server.unwrap_or(ServerConfig::usual(transport))
    }
}

/// What a TLS client trusts and asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClientTls {
    /// Whom it trusts.
    pub ca: Authority,
    /// The name it verifies and sends as SNI; absent: the usual one, which the servers' certificates have.
    pub server_name: Option<String>,
}

/// A certificate authority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    /// The one that signed the servers' certificates.
    #[default]
    Run,
    /// One that signed none of them.
    Stranger,
}

/// One call, or one call repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// What is called.
    pub method: Method,
    /// How often, one after another.
    #[serde(default = "once")]
    pub repeat: u32,
    /// How many copies run at once in each repeat.
    #[serde(default = "once")]
    pub concurrent: u32,
    /// Whether each repeat opens a channel of its own.
    #[serde(default)]
    pub fresh_channel: bool,
    /// Request metadata, in order.
    #[serde(default)]
    pub metadata: Vec<Header>,
    /// Deadline in milliseconds.
    #[serde(default)]
    pub deadline_ms: Option<u32>,
    /// Compressor of the requests.
    #[serde(default)]
    pub compressor: Compressor,
    /// Call credentials.
    #[serde(default)]
    pub bearer_token: Option<String>,
    /// What the client does, in order.
    #[serde(default, with = "serde_yaml::with::singleton_map_recursive")]
    #[schemars(with = "Vec<Step>")]
    pub steps: Vec<Step>,
    /// What is expected beyond what the steps say by themselves.
    #[serde(default)]
    pub expect: Expect,
    /// Wire rules of this call.
    #[serde(default, with = "serde_yaml::with::singleton_map_recursive")]
    #[schemars(with = "Vec<WireRule>")]
    pub wire: Vec<WireRule>,
}

impl Call {
    /// A plain call of a method, with no steps.
    pub fn new(method: Method) -> Call {
        Call {
            method,
            repeat: 1,
            concurrent: 1,
            fresh_channel: false,
            metadata: Vec::new(),
            deadline_ms: None,
            compressor: Compressor::None,
            bearer_token: None,
            steps: Vec::new(),
            expect: Expect::default(),
            wire: Vec::new(),
        }
    }
}

/// One metadata entry of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Lowercase name.
    pub key: String,
    /// Printable value; for keys that do not end in `-bin`.
    #[serde(default, deserialize_with = "written::some_text")]
    #[schemars(with = "Option<written::TextForm>")]
    pub value: Option<String>,
    /// Any bytes; for keys that end in `-bin`.
    #[serde(default)]
    pub bytes: Option<Vec<u8>>,
}

impl Header {
    /// The value as bytes.
    pub fn raw(&self) -> Vec<u8> {
        match (&self.value, &self.bytes) {
            (Some(value), _) => value.clone().into_bytes(),
            (None, Some(bytes)) => bytes.clone(),
            (None, None) => Vec::new(),
        }
    }
}

/// Compressor of a call's requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compressor {
    /// No compression.
    #[default]
    None,
    /// gzip.
    Gzip,
}

/// One step of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Send one request.
    Send(Send),
    /// Send no more.
    HalfClose,
    /// Read responses.
    Receive(#[schemars(with = "written::ReceiveForm")] Receive),
    /// Cancel the call.
    Cancel,
    /// Neither send nor read for so many milliseconds.
    WaitMs(u32),
}

/// Responses to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Receive {
    /// How many; 0 reads to the end.
    pub count: u32,
    /// Pause before each, in milliseconds, in which nothing is read.
    pub pause_ms: u32,
}

impl<'de> Deserialize<'de> for Receive {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Receive, D::Error> {
        written::receive(deserializer)
    }
}

impl Step {
    /// The request, if it is a send.
    pub fn as_send(&self) -> Option<&Send> {
        match self {
            Step::Send(send) => Some(send),
            Step::HalfClose | Step::Receive(_) | Step::Cancel | Step::WaitMs(_) => None,
        }
    }
}

/// One request; fields that its method's request type lacks are refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Send {
    /// Size of the zero-filled body; absent: no payload.
    pub body_size: Option<u32>,
    /// UnaryCall: size of the response's body.
    pub response_size: Option<u32>,
    /// StreamingOutputCall, FullDuplexCall, HalfDuplexCall: the responses asked for.
    #[serde(deserialize_with = "written::responses")]
    #[schemars(with = "Vec<written::Alike>")]
    pub responses: Vec<Response>,
    /// UnaryCall: whether the server is to name the user whom the bearer token authenticates.
    pub fill_username: bool,
    /// The status the server is asked to end with.
    pub status: Option<EchoStatus>,
    /// UnaryCall: whether the response is to be compressed.
    pub response_compressed: Option<bool>,
    /// UnaryCall, StreamingInputCall: whether the server is to expect this message compressed.
    pub expect_compressed: Option<bool>,
    /// Whether this message is compressed, where it differs from the call's compressor.
    pub compress: Option<bool>,
}

/// One response asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Response {
    /// Size of its body.
    pub size: u32,
    /// Pause before it, in microseconds.
    pub interval_us: u32,
    /// Whether it is to be compressed.
    pub compressed: Option<bool>,
}

/// A status a server is asked to end a call with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EchoStatus {
    /// Its code.
    pub code: StatusCode,
    /// Its message.
    #[serde(default, deserialize_with = "written::text")]
    #[schemars(with = "written::TextForm")]
    pub message: String,
}

/// What is expected beyond what the steps say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// The status the call ends with.
    pub status: Option<StatusCode>,
    /// The call ends with any status but OK, and which one goes on record.
    pub any_error: bool,
}

/// A wire rule of one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WireRule {
    /// The events of the kinds listed happen in exactly this order, and no more of them.
    Order(Vec<WireEvent>),
    /// Events of these kinds do not happen.
    Never(Vec<WireEvent>),
    /// Serialised message lengths, compression undone, the five-byte prefix not counted.
    Lengths(Lengths),
    /// The call fails in a single response HEADERS frame with END_STREAM. Headers and then trailers, with nothing between them, are noted.
    TrailersOnly,
    /// `grpc-status` and `grpc-message`; the latter must mean the same, and should be encoded the same.
    Status(WireStatus),
    /// More bytes pass in these directions than the first 65,535, which need no credit.
    Credit(Vec<Direction>),
    /// In these directions flow control stops the sender and lets it go on: at some moment nothing is left of the stream's window or of the
    /// connection's, and DATA follows after that. Where that is not so it is noted: how large a window is, is its receiver's choice.
    Stalled(Vec<Direction>),
    /// The compressed flag of each message; where it is set, a `grpc-encoding` under which the message inflates.
    Compressed(Compressed),
    /// Nothing of the call leaves the client: no stream is opened, and over TLS no application data is sent.
    Unsent,
    /// The server says nothing but, at most, a TLS alert.
    Unanswered,
    /// The first header block of these directions is, as encoded, larger than a frame that every receiver takes: 16,384 octets.
    LargeHeaders(Vec<Direction>),
    /// The deadline passes, and ends the call.
    Expires(Expires),
    /// Of the case, not of a call: all calls go over exactly so many connections; one that carries none is not counted.
    Connections(u32),
    /// Of the case, not of a call: at some moment at least so many calls are open on one connection. Where they are not it is noted:
    /// quick calls need not meet.
    AtOnce(u32),
}

/// Something that happens on a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WireEvent {
    /// A request message is complete.
    Request,
    /// A response message is complete.
    Response,
    /// The client's END_STREAM.
    HalfClose,
    /// The server's END_STREAM, on trailers or on a trailers-only response.
    Trailers,
    /// The client's RST_STREAM with CANCEL.
    Cancel,
    /// Any other RST_STREAM.
    Reset,
}

/// One direction of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Client to server.
    Request,
    /// Server to client.
    Response,
}

/// Where a deadline passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Expires {
    /// On a stream.
    OnTheWire,
    /// On a stream, or before the client opens one.
    Anywhere,
}

/// Serialised lengths of the messages of a stream, in order; an absent list is not checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Lengths {
    /// Of the requests.
    pub request: Option<Vec<u32>>,
    /// Of the responses.
    pub response: Option<Vec<u32>>,
}

/// Compressed flags of the messages of a stream, in order; an absent list is not checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Compressed {
    /// Of the requests.
    pub request: Option<Vec<bool>>,
    /// Of the responses.
    pub response: Option<Vec<bool>>,
}

/// A status as it stands on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WireStatus {
    /// `grpc-status`.
    pub code: StatusCode,
    /// `grpc-message` as it should be encoded; absent: not checked.
    #[serde(default)]
    pub message: Option<String>,
}
