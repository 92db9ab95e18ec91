/// Takes decisions off the front of an input, so that its bytes say themselves how they are to be cut. Past their end all is 0.
pub(super) struct Input<'a> {
    rest: &'a [u8],
}

/// Sizes of pieces, used round and round.
#[derive(Debug, Clone)]
pub(super) struct Cuts([usize; 4]);

impl<'a> Input<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Input { rest: bytes }
    }

    pub(super) fn octet(&mut self) -> u8 {
        self.bytes(1).first().copied().unwrap_or_default()
    }

    /// Two octets, the high one first.
    pub(super) fn pair(&mut self) -> u16 {
        u16::from_be_bytes([self.octet(), self.octet()])
    }

    /// The next bytes, as many as there are.
    pub(super) fn bytes(&mut self, most: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at(most.min(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// One of several.
    pub(super) fn one_of<'b, T>(&mut self, all: &'b [T]) -> &'b T {
        &all[usize::from(self.octet()) % all.len()]
    }

    /// Four sizes of pieces, from 1 to 256 bytes.
    pub(super) fn cuts(&mut self) -> Cuts {
        Cuts([(); 4].map(|()| usize::from(self.octet()) + 1))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl Cuts {
    /// The bytes in pieces.
    pub(super) fn pieces<'a>(&self, bytes: &'a [u8]) -> Vec<&'a [u8]> {
        let mut input = Input::new(bytes);
        let mut pieces = Vec::new();
        for size in self.0.iter().cycle() {
            if input.is_empty() {
                break;
            }
            pieces.push(input.bytes(*size));
        }
        pieces
    }
}
