//! Rows among bytes.

/// The columns of an event, by their place in its row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(usize)]
pub enum Column {
    Id,
    CreatedAt,
    CreatedByUserId,
    ActionType,
    ResourceType,
    ResourceId,
    WorkspaceId,
    OldValues,
    NewValues,
    ChangedFields,
    IpAddress,
    UserAgent,
    RequestId,
    Tags,
    Metadata,
    DeletedAt,
    DeletedByUserId,
    DeletionReason,
    SealKey,
    SealXid,
}

/// Of format 1.
pub const COLUMNS: usize = Column::SealXid as usize + 1;

impl Column {
    /// All of them, in their order.
    pub const ALL: [Column; COLUMNS] = [
        Column::Id,
        Column::CreatedAt,
        Column::CreatedByUserId,
        Column::ActionType,
        Column::ResourceType,
        Column::ResourceId,
        Column::WorkspaceId,
        Column::OldValues,
        Column::NewValues,
        Column::ChangedFields,
        Column::IpAddress,
        Column::UserAgent,
        Column::RequestId,
        Column::Tags,
        Column::Metadata,
        Column::DeletedAt,
        Column::DeletedByUserId,
        Column::DeletionReason,
        Column::SealKey,
        Column::SealXid,
    ];
}

/// Why bytes are no rows of events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Malformed {
    /// They end within a row.
    CutOff,
    /// A row has another number of fields.
    FieldCount(i16),
    /// A field has a length below -1.
    Length(i32),
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Malformed::CutOff => f.write_str("the bytes end within a row"),
            Malformed::FieldCount(count) => write!(f, "a row has {count} fields, not {COLUMNS}"),
            Malformed::Length(length) => write!(f, "a field has the length {length}"),
        }
    }
}

impl std::error::Error for Malformed {}

/// The fields of one event; None is NULL. Each is what the type's send function writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row<'a> {
    fields: [Option<&'a [u8]>; COLUMNS],
}

impl<'a> Row<'a> {
    pub const fn new(fields: [Option<&'a [u8]>; COLUMNS]) -> Row<'a> {
        Row { fields }
    }

    pub const fn get(&self, column: Column) -> Option<&'a [u8]> {
        self.fields[column as usize]
    }

    pub const fn set(&mut self, column: Column, value: Option<&'a [u8]>) {
        self.fields[column as usize] = value;
    }

    /// The first row of the bytes, and what follows it.
    pub fn split_from(bytes: &'a [u8]) -> Result<(Row<'a>, &'a [u8]), Malformed> {
        let (count, mut rest) = bytes.split_first_chunk().ok_or(Malformed::CutOff)?;
        let count = i16::from_be_bytes(*count);
        if usize::try_from(count) != Ok(COLUMNS) {
            return Err(Malformed::FieldCount(count));
        }
        let mut fields = [None; COLUMNS];
        for field in &mut fields {
            let (length, after) = rest.split_first_chunk().ok_or(Malformed::CutOff)?;
            rest = after;
            match i32::from_be_bytes(*length) {
                -1 => (),
                length => {
                    let bytes = usize::try_from(length).map_err(|_| Malformed::Length(length))?;
                    let (value, after) = rest.split_at_checked(bytes).ok_or(Malformed::CutOff)?;
                    *field = Some(value);
                    rest = after;
                }
            }
        }
        Ok((Row { fields }, rest))
    }

    /// The length of its bytes.
    pub fn byte_count(&self) -> usize {
        2 + self.fields.iter().map(|field| 4 + field.map_or(0, <[u8]>::len)).sum::<usize>()
    }

    /// Appends its bytes. A field of 2 GiB or more, which PostgreSQL has none of, is cut off.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&(COLUMNS as i16).to_be_bytes());
        for field in &self.fields {
            match field {
                None => out.extend_from_slice(&(-1_i32).to_be_bytes()),
                Some(value) => {
                    let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
                    out.extend_from_slice(&length.to_be_bytes());
                    out.extend_from_slice(&value[..length as usize]);
                }
            }
        }
    }
}

/// The rows of a chunk, one after the other. After an error nothing follows.
pub struct Rows<'a> {
    rest: &'a [u8],
}

impl<'a> Rows<'a> {
    pub const fn new(bytes: &'a [u8]) -> Rows<'a> {
        Rows { rest: bytes }
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Result<Row<'a>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let split = Row::split_from(self.rest);
        self.rest = split.as_ref().map_or(&[], |(_, rest)| rest);
        Some(split.map(|(row, _)| row))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(fields: &[Option<Vec<u8>>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let row = Row::new(std::array::from_fn(|place| fields[place].as_deref()));
        row.write(&mut bytes);
        assert_eq!(bytes.len(), row.byte_count());
        bytes
    }

    fn fields() -> impl Strategy<Value = Vec<Option<Vec<u8>>>> {
        proptest::collection::vec(proptest::option::of(proptest::collection::vec(any::<u8>(), 0..40)), COLUMNS)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(rows in proptest::collection::vec(fields(), 0..5)) {
            let bytes: Vec<u8> = rows.iter().flat_map(|fields| written(fields)).collect();
            let read: Vec<Row> = Rows::new(&bytes).collect::<Result<_, _>>().unwrap();
            prop_assert_eq!(read.len(), rows.len());
            for (row, fields) in read.iter().zip(&rows) {
                for (place, field) in fields.iter().enumerate() {
                    prop_assert_eq!(row.fields[place], field.as_deref());
                }
            }
        }

        #[test]
        fn a_row_that_is_cut_off_is_refused(fields in fields(), cut in 0_usize..100) {
            let bytes = written(&fields);
            let cut = cut % bytes.len();
            let read: Result<Vec<Row>, _> = Rows::new(&bytes[..cut]).collect();
            prop_assert_eq!(read, if cut == 0 { Ok(vec![]) } else { Err(Malformed::CutOff) });
        }

        #[test]
        fn no_bytes_do_harm(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            for row in Rows::new(&bytes) {
                if row.is_err() { break; }
            }
        }
    }

    #[test]
    fn another_number_of_fields_is_refused() {
        for (bytes, count) in [([0, 21], 21), ([0, 0], 0), ([255, 255], -1)] {
            assert_eq!(Row::split_from(&bytes), Err(Malformed::FieldCount(count)));
        }
        let mut bytes = vec![0, 20];
        bytes.extend_from_slice(&(-2_i32).to_be_bytes());
        assert_eq!(Row::split_from(&bytes), Err(Malformed::Length(-2)));
    }
}
