//! Values as their types' send functions write them, always in UTF-8: what `COPY … TO (FORMAT binary)` sends to a client of that encoding.
//!
//! PostgreSQL's own send functions write in the encoding of whoever is connected, so they are not called.

use pgrx::pg_sys;

use super::datum::{Datum, content, read_bytes, read_int8, read_time, read_uuid};
use super::encoding;

/// Room that is kept from one value to the next.
pub struct Sender {
    is_utf8: bool,
    json: pg_sys::StringInfo,
}

/// The version of jsonb's format, before its text.
const JSONB_VERSION: u8 = 1;

impl Sender {
    /// Ends with the memory context that is current now, at the latest.
    pub fn new() -> Sender {
        // SAFETY: palloc's an empty string.
        Sender { is_utf8: encoding::is_utf8(), json: unsafe { pg_sys::makeStringInfo() } }
    }

    /// Whether texts are sent as they are stored.
    pub fn is_utf8(&self) -> bool {
        self.is_utf8
    }

    /// Appends the value. What it takes to make it stays in the current memory context.
    pub fn send(&mut self, value: Datum, out: &mut Vec<u8>) {
        match value.kind() {
            pg_sys::UUIDOID => out.extend_from_slice(read_uuid(value).as_bytes()),
            pg_sys::TIMESTAMPTZOID => out.extend_from_slice(&read_time(value).microseconds().to_be_bytes()),
            pg_sys::INT8OID => out.extend_from_slice(&read_int8(value).to_be_bytes()),
            pg_sys::BYTEAOID => out.extend_from_slice(read_bytes(value)),
            pg_sys::TEXTOID => self.send_text(read_bytes(value), out),
            pg_sys::JSONBOID => self.send_json(value, out),
            pg_sys::INETOID => send_inet(read_bytes(value), out),
            pg_sys::TEXTARRAYOID => self.send_texts(value, out),
            other => panic!("no type of a column of events: {}", other.to_u32()),
        }
    }

    fn send_text(&self, text: &[u8], out: &mut Vec<u8>) {
        if self.is_utf8 {
            return out.extend_from_slice(text);
        }
        // SAFETY: gives the text itself where nothing has to be converted, else a palloc'd C string; raises what cannot be converted.
        unsafe {
            let given = text.as_ptr().cast();
            let converted = pg_sys::pg_server_to_any(given, text.len() as i32, pg_sys::pg_enc::PG_UTF8 as i32);
            match converted.cast_const() == given {
                true => out.extend_from_slice(text),
                false => out.extend_from_slice(std::ffi::CStr::from_ptr(converted).to_bytes()),
            }
        }
    }

    fn send_json(&mut self, value: Datum, out: &mut Vec<u8>) {
        let value = value.as_one_of(&[pg_sys::JSONBOID]);
        // SAFETY: a jsonb, whole and aligned once it is detoasted; its document follows its header. The text is appended to a string of ours.
        let text = unsafe {
            let whole = pg_sys::pg_detoast_datum(value.cast_mut_ptr());
            let document = whole.cast::<u8>().add(pg_sys::VARHDRSZ).cast::<pg_sys::JsonbContainer>();
            pg_sys::resetStringInfo(self.json);
            pg_sys::JsonbToCString(self.json, document, pgrx::varlena::varsize_4b(whole) as i32);
            std::slice::from_raw_parts((*self.json).data.cast::<u8>(), (*self.json).len as usize)
        };
        out.push(JSONB_VERSION);
        self.send_text(text, out);
    }

    /// As `array_send`: dimensions, whether it has room for NULLs, type; length and lower bound of each dimension; the elements.
    fn send_texts(&self, value: Datum, out: &mut Vec<u8>) {
        let value = value.as_one_of(&[pg_sys::TEXTARRAYOID]);
        let mut send = |number: i32| out.extend_from_slice(&number.to_be_bytes());
        // SAFETY: an array of texts; lengths and lower bounds follow its header.
        unsafe {
            let array = pg_sys::pg_detoast_datum(value.cast_mut_ptr()).cast::<pg_sys::ArrayType>();
            let dimensions = (*array).ndim as usize;
            let bounds = std::slice::from_raw_parts(array.add(1).cast::<i32>(), 2 * dimensions);
            send((*array).ndim);
            send(i32::from((*array).dataoffset != 0));
            send((*array).elemtype.to_u32() as i32);
            for dimension in 0..dimensions {
                send(bounds[dimension]);
                send(bounds[dimensions + dimension]);
            }
            let (mut values, mut nulls, mut count) = (std::ptr::null_mut(), std::ptr::null_mut(), 0);
            let align = pg_sys::TYPALIGN_INT as _;
            pg_sys::deconstruct_array(array, pg_sys::TEXTOID, -1, false, align, &mut values, &mut nulls, &mut count);
            for place in 0..count as usize {
                match *nulls.add(place) {
                    true => out.extend_from_slice(&(-1_i32).to_be_bytes()),
                    false => {
                        with_length(out, |out| self.send_text(content((*values.add(place)).cast_mut_ptr()), out));
                    }
                }
            }
        }
    }
}

/// Appends what `write` appends, with its length before it.
pub fn with_length(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let place = out.len();
    out.extend_from_slice(&[0; 4]);
    write(out);
    let length = (out.len() - place - 4) as i32;
    out[place..place + 4].copy_from_slice(&length.to_be_bytes());
}

/// As `inet_send`: family, bits, whether it is a cidr, length, address. It is stored as family, bits and address (utils/inet.h).
fn send_inet(stored: &[u8], out: &mut Vec<u8>) {
    if let [family, bits, address @ ..] = stored {
        out.extend_from_slice(&[*family, *bits, 0, address.len() as u8]);
        out.extend_from_slice(address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_that_of_what_follows() {
        let mut out = vec![7];
        with_length(&mut out, |out| out.extend_from_slice(b"ab"));
        with_length(&mut out, |_| ());
        assert_eq!(out, [7, 0, 0, 0, 2, b'a', b'b', 0, 0, 0, 0]);
    }

    #[test]
    fn an_address_is_sent_with_its_length() {
        let mut out = Vec::new();
        send_inet(&[2, 8, 10, 1, 2, 3], &mut out);
        assert_eq!(out, [2, 8, 0, 4, 10, 1, 2, 3]);
    }
}
