//! Generated code, in modules named after the packages because it refers to itself by these paths.

pub mod grpc {
    pub mod testing {
        tonic::include_proto!("grpc.testing");
    }
}

pub mod interop {
    #[expect(clippy::large_enum_variant, reason = "generated")]
    pub mod v1 {
        tonic::include_proto!("interop.v1");
    }
}
