use super::source::Source;
use super::{InputError, yaml};
use crate::model::{
    Call, CallKind, Case, CaseId, ClientTls, Compressed, Connect, Expect, Expires, Header, Level, Method, Send,
    ServerConfig, StatusCode, Step, Tier, Transport, WireRule,
};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use std::path::Path;

/// Largest body a script may ask for, either way: the contract's 16 MiB.
const MAX_BODY: u32 = 16 << 20;
/// Most calls that one call of a case may stand for.
const MAX_COPIES: u64 = 10_000;
/// Longest time for a client's job in milliseconds.
const MAX_TIMEOUT_MS: u32 = 600_000;

/// Reads one case file and checks it.
pub(super) fn read(path: &Path) -> Result<Case, InputError> {
    let source = Source::read(path)?;
    let CheckedCase(case) = yaml::parse(&source)?;
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if case.id.as_str() == name {
        return Ok(case);
    }
    let taken = path.with_file_name(format!("{}.yaml", case.id)).exists();
    let taken = if taken { format!(", and {}.yaml is another case", case.id) } else { String::new() };
    Err(source.at_key("id", format!("the id is `{}`, but the file's name says `{name}`{taken}", case.id)))
}

/// A case as written: the only call may stand at the top, and checks come after.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "case")]
pub(super) struct CaseFile {
    /// Stable name; the file's name without `.yaml`.
    id: CaseId,
    /// One line for people.
    title: String,
    /// Link to where the behaviour is specified.
    spec: String,
    /// How binding it is.
    #[serde(default)]
    level: Level,
    /// When it runs.
    #[serde(default)]
    tier: Tier,
    /// Time for the client's whole job in milliseconds.
    #[serde(default = "default_timeout_ms")]
    timeout_ms: u32,
    /// When the channel connects.
    #[serde(default)]
    connect: Connect,
    /// Over what it runs.
    #[serde(default = "all_transports")]
    transports: Vec<Transport>,
    /// How the server is set up, where that is not the usual for the transport.
    server: Option<ServerConfig>,
    /// What a TLS client trusts and asks for.
    #[serde(default)]
    tls: ClientTls,
    /// The method of the only call; with several, they stand under `calls`.
    method: Option<Method>,
    /// What the client does in the only call, in order.
    #[serde(default, with = "serde_yaml::with::singleton_map_recursive")]
    #[schemars(with = "Vec<Step>")]
    steps: Vec<Step>,
    /// What is expected of the only call beyond what its steps say.
    #[serde(default)]
    expect: Expect,
    /// The calls, one after another.
    #[serde(default)]
    #[schemars(with = "Vec<Call>")]
    calls: Vec<CheckedCall>,
    /// Wire rules of this case that hold on each of its calls, and those about all of them together; at least one, here or under a call.
    #[serde(default, with = "serde_yaml::with::singleton_map_recursive")]
    #[schemars(with = "Vec<WireRule>")]
    wire: Vec<WireRule>,
}

fn default_timeout_ms() -> u32 {
    10_000
}

fn all_transports() -> Vec<Transport> {
    Transport::ALL.to_vec()
}

/// Checks run while parsing, because only then does the parser know the place of what is wrong.
#[derive(Deserialize)]
#[serde(try_from = "CaseFile")]
pub(super) struct CheckedCase(pub(super) Case);

struct CheckedCall(Call);

impl<'de> Deserialize<'de> for CheckedCall {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        yaml::checked::<D, Call, CheckedCall>(deserializer)
    }
}

impl TryFrom<CaseFile> for CheckedCase {
    type Error = String;

    fn try_from(file: CaseFile) -> Result<Self, String> {
        let at_the_top = file.method.is_some() || !file.steps.is_empty() || file.expect != Expect::default();
        let calls = match (file.method, file.calls) {
            (Some(method), calls) if calls.is_empty() => {
                let call = Call { steps: file.steps, expect: file.expect, ..Call::new(method) };
                vec![CheckedCall::try_from(call)?.0]
            }
            (_, calls) if calls.is_empty() => return Err("no calls: expected `method` and `steps`, or `calls`".into()),
            (_, _) if at_the_top => {
                return Err("`method`, `steps` and `expect` stand either at the top or in `calls`, not both".into());
            }
            (_, calls) => calls.into_iter().map(|CheckedCall(call)| call).collect(),
        };
        let case = Case {
            id: file.id,
            title: file.title,
            spec: file.spec,
            level: file.level,
            tier: file.tier,
            timeout_ms: file.timeout_ms,
            connect: file.connect,
            transports: file.transports,
            server: file.server,
            tls: file.tls,
            calls,
            wire: file.wire,
        };
        check_case(&case)?;
        Ok(CheckedCase(case))
    }
}

fn check_case(case: &Case) -> Result<(), String> {
    if !case.id.is_slug('_') {
        return Err(format!("the id `{}` is not of lower-case letters, digits and `_`, a letter first", case.id));
    }
    if case.title.is_empty() || case.title.contains('\n') {
        return Err("the title is one line".into());
    }
    if !case.spec.starts_with("https://") {
        return Err(format!("`spec` is a link to where the behaviour is specified, https://..., not `{}`", case.spec));
    }
    if !(100..=MAX_TIMEOUT_MS).contains(&case.timeout_ms) {
        return Err(format!("`timeout_ms` is from 100 to {MAX_TIMEOUT_MS}, not {}", case.timeout_ms));
    }
    if case.transports.is_empty() {
        return Err("`transports` is empty: leave it out for all of them".into());
    }
    if case.tls != ClientTls::default() && case.transports != [Transport::Tls] {
        return Err("`tls` says what a TLS client trusts: it needs `transports: [tls]`".into());
    }
    if case.wire.is_empty() && case.calls.iter().all(|call| call.wire.is_empty()) {
        return Err("no wire rule: a case says under `wire` what of it can be seen on the wire; cases/README.md lists the rules".into());
    }
    case.calls.iter().try_for_each(|call| check_expires(case, call))?;
    case.wire.iter().chain(case.calls.iter().flat_map(|call| &call.wire)).try_for_each(check_rule)
}

fn check_expires(case: &Case, call: &Call) -> Result<(), String> {
    let rules = || case.wire.iter().chain(&call.wire);
    let expired = (call.deadline_ms.is_some(), call.expect.status) == (true, Some(StatusCode::DeadlineExceeded));
    if !expired && rules().any(|rule| matches!(rule, WireRule::Expires(_))) {
        return Err("a call that `expires` has a `deadline_ms` and `expect: {status: DEADLINE_EXCEEDED}`".into());
    }
    if case.connect == Connect::Lazy && rules().any(|rule| *rule == WireRule::Expires(Expires::OnTheWire)) {
        return Err(
            "a call that `expires: on_the_wire` needs `connect: eager`: else its time begins before its connection"
                .into(),
        );
    }
    let single = case.calls.len() == 1 && (call.repeat, call.concurrent) == (1, 1);
    if !single && rules().any(|rule| *rule == WireRule::Expires(Expires::Anywhere)) {
        return Err(
            "a call that `expires: anywhere` is the only one of its case: it may have no stream, and others would \
                    be taken for it"
                .into(),
        );
    }
    Ok(())
}

fn check_rule(rule: &WireRule) -> Result<(), String> {
    let wrong = match rule {
        WireRule::Compressed(Compressed { request: None, response: None }) => {
            "`compressed` lists the flags of `request`, of `response` or of both"
        }
        WireRule::Stalled(directions) if directions.is_empty() => "`stalled` lists `request`, `response` or both",
        WireRule::LargeHeaders(directions) if directions.is_empty() => {
            "`large_headers` lists `request`, `response` or both"
        }
        WireRule::Connections(0) => "`connections` is at least 1: a case whose calls open no connection has `unsent`",
        WireRule::AtOnce(0 | 1) => "`at_once` is at least 2: one call at a time is no rule",
        WireRule::Order(_)
        | WireRule::Never(_)
        | WireRule::Lengths(_)
        | WireRule::TrailersOnly
        | WireRule::Status(_)
        | WireRule::Credit(_)
        | WireRule::Stalled(_)
        | WireRule::Compressed(_)
        | WireRule::Unsent
        | WireRule::Unanswered
        | WireRule::LargeHeaders(_)
        | WireRule::Expires(_)
        | WireRule::Connections(_)
        | WireRule::AtOnce(_) => return Ok(()),
    };
    Err(wrong.to_owned())
}

impl TryFrom<Call> for CheckedCall {
    type Error = String;

    fn try_from(call: Call) -> Result<Self, String> {
        let copies = u64::from(call.repeat) * u64::from(call.concurrent);
        if !(1..=MAX_COPIES).contains(&copies) {
            return Err(format!(
                "`repeat` and `concurrent` are at least 1, and {MAX_COPIES} calls at most come of them"
            ));
        }
        if call.expect.any_error && call.expect.status.is_some() {
            return Err("`expect` has either `status` or `any_error`".into());
        }
        if call.wire.iter().any(|rule| matches!(rule, WireRule::Connections(_) | WireRule::AtOnce(_))) {
            return Err(
                "`connections` and `at_once` are about all calls together: they stand under the `wire` of the case"
                    .into(),
            );
        }
        call.metadata.iter().try_for_each(check_header)?;
        check_steps(call.method, &call.steps)?;
        Ok(CheckedCall(call))
    }
}

fn check_header(header: &Header) -> Result<(), String> {
    let key = &header.key;
    let binary = key.ends_with("-bin");
    if key.is_empty() || !key.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.')) {
        return Err(format!("the metadata key `{key}` is not of lower-case letters, digits, `_`, `-` and `.`"));
    }
    match (binary, &header.value, &header.bytes) {
        (false, Some(value), None) if value.bytes().all(|b| (0x20..=0x7e).contains(&b)) => Ok(()),
        (false, Some(_), None) => Err(format!("the value of `{key}` is not printable ASCII")),
        (true, None, Some(_)) => Ok(()),
        (false, _, _) => Err(format!("`{key}` has a `value`, and `bytes` only if its name ends in -bin")),
        (true, _, _) => Err(format!("`{key}` ends in -bin: it has `bytes` and no `value`")),
    }
}

fn check_steps(method: Method, steps: &[Step]) -> Result<(), String> {
    let sends: Vec<&Send> = steps.iter().filter_map(Step::as_send).collect();
    sends.iter().try_for_each(|send| check_send(method, send))?;
    if !method.kind().streams_requests() {
        if sends.len() != 1 {
            return Err(format!("{method} takes exactly one `send`, here are {}", sends.len()));
        }
        if steps.contains(&Step::HalfClose) {
            return Err(format!("{method} half-closes with its one `send`: no `half_close`"));
        }
    }
    let closed = steps.iter().position(|step| matches!(step, Step::HalfClose | Step::Cancel));
    if let Some(closed) = closed
        && steps.iter().skip(closed + 1).any(|step| step.as_send().is_some())
    {
        return Err("after `half_close` or `cancel` there is no `send`".into());
    }
    Ok(())
}

fn check_send(method: Method, send: &Send) -> Result<(), String> {
    let empty = matches!(method, Method::EmptyCall | Method::UnimplementedCall | Method::UnimplementedServiceCall);
    let unary = method == Method::UnaryCall;
    let input = method.kind() == CallKind::ClientStreaming;
    let output = matches!(method.kind(), CallKind::ServerStreaming | CallKind::Bidi);
    let fields = [
        ("body_size", send.body_size.is_some(), !empty),
        ("response_size", send.response_size.is_some(), unary),
        ("fill_username", send.fill_username, unary),
        ("responses", !send.responses.is_empty(), output),
        ("status", send.status.is_some(), unary || output),
        ("response_compressed", send.response_compressed.is_some(), unary),
        ("expect_compressed", send.expect_compressed.is_some(), unary || input),
    ];
    for (name, given, allowed) in fields {
        if given && !allowed {
            return Err(format!("the request of {method} has no `{name}`"));
        }
    }
    let sizes = send.responses.iter().map(|response| response.size).chain(send.body_size).chain(send.response_size);
    match sizes.max() {
        Some(size) if size > MAX_BODY => Err(format!("a body of `{size}` bytes: the contract's limit is {MAX_BODY}")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
