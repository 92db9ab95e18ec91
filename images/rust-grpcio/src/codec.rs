//! How messages of prost 0.14 become bytes and back. grpcio's feature `prost-codec` does the same for prost 0.11.

use std::io::Read;

use bytes::Bytes;
use grpcio::{Error, GrpcSlice, MessageReader, Result};
use prost::Message;

pub fn ser<M: Message>(message: &M, buffer: &mut GrpcSlice) -> Result<()> {
    *buffer = message.encode_to_vec().into();
    Ok(())
}

pub fn de<M: Message + Default>(mut reader: MessageReader) -> Result<M> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).map_err(|error| Error::Codec(error.into()))?;
    M::decode(Bytes::from(bytes)).map_err(|error| Error::Codec(error.into()))
}
