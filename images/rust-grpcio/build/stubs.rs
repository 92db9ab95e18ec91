//! The stubs of a service as grpcio's own compiler writes them: the same constants, client, trait and service function,
//! with the same names. Of the client it writes the asynchronous calls, and neither the blocking ones nor `spawn`. grpcio's
//! compiler needs protoc, and its prost messages are those of prost 0.11.

use prost_build::{Method, Service, ServiceGenerator};

pub struct Generator;

impl ServiceGenerator for Generator {
    fn generate(&mut self, service: Service, code: &mut String) {
        let each = |part: fn(&Service, &Method) -> String| -> String {
            service.methods.iter().map(|method| part(&service, method)).collect()
        };
        let name = &service.name;
        code.push_str(&each(constant));
        code.push_str(&format!(
            "/// A client of {name}.
            #[derive(Clone)]
            pub struct {name}Client {{ pub client: ::grpcio::Client }}
            impl {name}Client {{
                pub fn new(channel: ::grpcio::Channel) -> Self {{ Self {{ client: ::grpcio::Client::new(channel) }} }}
                {calls}
            }}
            /// A server of {name}; a method left out answers UNIMPLEMENTED.
            pub trait {name} {{ {handlers} }}
            /// The service to register with a server.
            pub fn create_{function}<S: {name} + Send + Clone + 'static>(service: S) -> ::grpcio::Service {{
                let builder = ::grpcio::ServiceBuilder::new();
                {registrations}
                builder.build()
            }}\n",
            calls = each(call),
            handlers = each(handler),
            function = snake_case(name),
            registrations = each(registration),
        ));
    }
}

/// What the library has for a kind of call.
struct Kind {
    /// Its `MethodType`.
    ty: &'static str,
    /// The function that starts such a call, and the end of its name in the client.
    start: &'static str,
    suffix: &'static str,
    /// What the client gets then. `{Q}` and `{R}` stand for the types of requests and responses.
    started: &'static str,
    /// How a handler gets its request or requests, where it answers them, and the function that registers it.
    request: &'static str,
    sink: &'static str,
    add: &'static str,
}

const UNARY: Kind = Kind {
    ty: "Unary",
    start: "unary_call_async",
    suffix: "_async",
    started: "::grpcio::ClientUnaryReceiver<{R}>",
    request: "{Q}",
    sink: "::grpcio::UnarySink<{R}>",
    add: "add_unary_handler",
};

const CLIENT_STREAMING: Kind = Kind {
    ty: "ClientStreaming",
    start: "client_streaming",
    suffix: "",
    started: "(::grpcio::ClientCStreamSender<{Q}>, ::grpcio::ClientCStreamReceiver<{R}>)",
    request: "::grpcio::RequestStream<{Q}>",
    sink: "::grpcio::ClientStreamingSink<{R}>",
    add: "add_client_streaming_handler",
};

const SERVER_STREAMING: Kind = Kind {
    ty: "ServerStreaming",
    start: "server_streaming",
    suffix: "",
    started: "::grpcio::ClientSStreamReceiver<{R}>",
    request: "{Q}",
    sink: "::grpcio::ServerStreamingSink<{R}>",
    add: "add_server_streaming_handler",
};

const DUPLEX: Kind = Kind {
    ty: "Duplex",
    start: "duplex_streaming",
    suffix: "",
    started: "(::grpcio::ClientDuplexSender<{Q}>, ::grpcio::ClientDuplexReceiver<{R}>)",
    request: "::grpcio::RequestStream<{Q}>",
    sink: "::grpcio::DuplexSink<{R}>",
    add: "add_duplex_streaming_handler",
};

fn kind(method: &Method) -> Kind {
    match (method.client_streaming, method.server_streaming) {
        (false, false) => UNARY,
        (true, false) => CLIENT_STREAMING,
        (false, true) => SERVER_STREAMING,
        (true, true) => DUPLEX,
    }
}

/// A type of a kind, for a method.
fn typed(template: &str, method: &Method) -> String {
    template.replace("{Q}", &method.input_type).replace("{R}", &method.output_type)
}

fn constant_name(service: &Service, method: &Method) -> String {
    format!("METHOD_{}_{}", snake_case(&service.name), method.name).to_uppercase()
}

fn constant(service: &Service, method: &Method) -> String {
    let Service { package, proto_name: service_name, .. } = service;
    let Method { proto_name, input_type, output_type, .. } = method;
    let marshaller = "::grpcio::Marshaller { ser: crate::codec::ser, de: crate::codec::de }";
    format!(
        "const {constant}: ::grpcio::Method<{input_type}, {output_type}> = ::grpcio::Method {{
            ty: ::grpcio::MethodType::{ty},
            name: \"/{package}.{service_name}/{proto_name}\",
            req_mar: {marshaller},
            resp_mar: {marshaller},
        }};\n",
        constant = constant_name(service, method),
        ty = kind(method).ty,
    )
}

/// A method of the client: without options, and with them.
fn call(service: &Service, method: &Method) -> String {
    let Method { name, input_type, .. } = method;
    let Kind { start, suffix, started, .. } = kind(method);
    let started = typed(started, method);
    let constant = constant_name(service, method);
    let (parameter, argument) =
        if method.client_streaming { (String::new(), "") } else { (format!("req: &{input_type},"), "req,") };
    format!(
        "pub fn {name}{suffix}(&self, {parameter}) -> ::grpcio::Result<{started}> {{
            self.{name}{suffix}_opt({argument} ::grpcio::CallOption::default())
        }}
        pub fn {name}{suffix}_opt(&self, {parameter} opt: ::grpcio::CallOption) -> ::grpcio::Result<{started}> {{
            self.client.{start}(&{constant}, {argument} opt)
        }}\n"
    )
}

/// A method of the server's trait.
fn handler(_: &Service, method: &Method) -> String {
    let Kind { request, sink, .. } = kind(method);
    format!(
        "fn {name}(&mut self, ctx: ::grpcio::RpcContext<'_>, _req: {request}, sink: {sink}) {{
            ::grpcio::unimplemented_call!(ctx, sink)
        }}\n",
        name = method.name,
        request = typed(request, method),
        sink = typed(sink, method),
    )
}

/// Each handler gets a clone of the service for itself.
fn registration(service: &Service, method: &Method) -> String {
    format!(
        "let mut instance = service.clone();
        let builder = builder.{add}(&{constant}, move |ctx, req, sink| instance.{name}(ctx, req, sink));\n",
        add = kind(method).add,
        constant = constant_name(service, method),
        name = method.name,
    )
}

/// `TestService` as `test_service`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
