//! Protocol buffers' wire format, as far as a graph's file needs it: fields one by one, without a copy.

/// The largest field number that the format allows.
const MAX_FIELD: u64 = (1 << 29) - 1;

/// Bytes that are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    /// A whole number; negative ones as in two's complement.
    Varint(u64),
    /// A text, a message or a packed list.
    Bytes(&'a [u8]),
    /// Four or eight bytes that nobody here asks for.
    Fixed,
}

impl<'a> Value<'a> {
    /// The bytes of a text, a message or a list.
    pub(super) fn bytes(self) -> Result<&'a [u8], Malformed> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Varint(_) | Self::Fixed => Err(Malformed),
        }
    }

    /// Whole numbers of a field that may be repeated, packed or one by one. Allocates.
    pub(super) fn integers(self) -> Result<Vec<i64>, Malformed> {
        match self {
            Self::Varint(value) => Ok(vec![value as i64]),
            Self::Bytes(mut packed) => {
                let mut values = Vec::new();
                while !packed.is_empty() {
                    values.push(varint(&mut packed)? as i64);
                }
                Ok(values)
            }
            Self::Fixed => Err(Malformed),
        }
    }
}

/// The fields of a message in their order; ends after the first that is malformed.
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn of(message: &'a [u8]) -> Self {
        Self(message)
    }

    fn read(&mut self) -> Result<(u32, Value<'a>), Malformed> {
        let key = varint(&mut self.0)?;
        let field = key >> 3;
        if field == 0 || field > MAX_FIELD {
            return Err(Malformed);
        }
        let value = match key & 7 {
            0 => Value::Varint(varint(&mut self.0)?),
            1 => take(&mut self.0, 8).map(|_| Value::Fixed)?,
            2 => {
                let length = varint(&mut self.0)?;
                Value::Bytes(take(&mut self.0, length)?)
            }
            5 => take(&mut self.0, 4).map(|_| Value::Fixed)?,
            // Groups: nothing in a graph is one.
            _ => return Err(Malformed),
        };
        Ok((field as u32, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, Value<'a>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let read = self.read();
        if read.is_err() {
            self.0 = &[];
        }
        Some(read)
    }
}

fn take<'a>(from: &mut &'a [u8], length: u64) -> Result<&'a [u8], Malformed> {
    let length = usize::try_from(length).map_err(|_| Malformed)?;
    let (taken, rest) = from.split_at_checked(length).ok_or(Malformed)?;
    *from = rest;
    Ok(taken)
}

fn varint(from: &mut &[u8]) -> Result<u64, Malformed> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = from.split_first().ok_or(Malformed)?;
        *from = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(message: &[u8]) -> Vec<Result<(u32, Value<'_>), Malformed>> {
        Fields::of(message).collect()
    }

    #[test]
    fn fields_are_read_one_by_one_and_what_is_cut_short_is_malformed() {
        assert_eq!(
            fields(&[0x08, 0x96, 0x01, 0x12, 2, b'a', b'b', 0x1d, 0, 0, 0, 0]),
            [Ok((1, Value::Varint(150))), Ok((2, Value::Bytes(b"ab"))), Ok((3, Value::Fixed))]
        );
        for broken in [&[0x08][..], &[0x08, 0x80], &[0x12, 3, b'a'], &[0x1d, 0], &[0x0b], &[0x00], &[0xff; 11]] {
            assert_eq!(fields(broken), [Err(Malformed)], "{broken:?}");
        }
        // A length beyond all memory.
        assert_eq!(fields(&[0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]), [Err(Malformed)]);
    }

    #[test]
    fn whole_numbers_are_read_packed_or_one_by_one() {
        assert_eq!(Value::integers(Value::Varint(-5i64 as u64)), Ok(vec![-5]));
        assert_eq!(Value::integers(Value::Bytes(&[1, 0x96, 1])), Ok(vec![1, 150]));
        assert_eq!(Value::integers(Value::Bytes(&[1, 0x96])), Err(Malformed));
        assert_eq!(Value::integers(Value::Fixed), Err(Malformed));
    }
}
