//! The stubs of a service: the same constants, client, trait and service function, with the same names, that grpcio's
//! own compiler writes. That one needs protoc, and its prost messages are those of prost 0.11.

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

/// What a method is to the library: its `MethodType` and the function that calls it.
fn kind(method: &Method) -> (&'static str, &'static str) {
    match (method.client_streaming, method.server_streaming) {
        (false, false) => ("Unary", "unary_call_async"),
        (true, false) => ("ClientStreaming", "client_streaming"),
        (false, true) => ("ServerStreaming", "server_streaming"),
        (true, true) => ("Duplex", "duplex_streaming"),
    }
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
        ty = kind(method).0,
    )
}

/// A method of the client.
fn call(service: &Service, method: &Method) -> String {
    let Method { name, input_type, output_type, .. } = method;
    let (suffix, started) = match (method.client_streaming, method.server_streaming) {
        (false, false) => ("_async", format!("::grpcio::ClientUnaryReceiver<{output_type}>")),
        (false, true) => ("", format!("::grpcio::ClientSStreamReceiver<{output_type}>")),
        (true, both) => {
            let kind = if both { "Duplex" } else { "CStream" };
            let (sender, receiver) = (format!("Client{kind}Sender"), format!("Client{kind}Receiver"));
            ("", format!("(::grpcio::{sender}<{input_type}>, ::grpcio::{receiver}<{output_type}>)"))
        }
    };
    let (parameter, argument) =
        if method.client_streaming { (String::new(), "") } else { (format!("req: &{input_type},"), "req,") };
    format!(
        "pub fn {name}{suffix}_opt(&self, {parameter} opt: ::grpcio::CallOption) -> ::grpcio::Result<{started}> {{
            self.client.{function}(&{constant}, {argument} opt)
        }}\n",
        function = kind(method).1,
        constant = constant_name(service, method),
    )
}

/// A method of the server's trait.
fn handler(_: &Service, method: &Method) -> String {
    let Method { name, input_type, output_type, .. } = method;
    let request = match method.client_streaming {
        true => format!("::grpcio::RequestStream<{input_type}>"),
        false => input_type.clone(),
    };
    let sink = match kind(method).0 {
        "Unary" => "UnarySink",
        "ClientStreaming" => "ClientStreamingSink",
        "ServerStreaming" => "ServerStreamingSink",
        _ => "DuplexSink",
    };
    format!(
        "fn {name}(&mut self, ctx: ::grpcio::RpcContext<'_>, _req: {request}, sink: ::grpcio::{sink}<{output_type}>) {{
            ::grpcio::unimplemented_call!(ctx, sink)
        }}\n"
    )
}

/// Each handler gets a clone of the service for itself.
fn registration(service: &Service, method: &Method) -> String {
    let add = match kind(method).0 {
        "Unary" => "add_unary_handler",
        "ClientStreaming" => "add_client_streaming_handler",
        "ServerStreaming" => "add_server_streaming_handler",
        _ => "add_duplex_streaming_handler",
    };
    format!(
        "let mut instance = service.clone();
        let builder = builder.{add}(&{constant}, move |ctx, req, sink| instance.{name}(ctx, req, sink));\n",
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
