/// What libraries ask for a proxy. Empty means none to all of them, also where an image sets one.
pub(super) const PROXY_VARIABLES: [&str; 11] = [
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "grpc_proxy",
    "no_proxy",
    "no_grpc_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "GRPC_PROXY",
    "NO_PROXY",
];
