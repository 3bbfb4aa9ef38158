//! Writes a file of canonical rows that it reads, for programs that are tried on such files: write_sample DIRECTORY < ROWS.
//!
//! Rows are what `COPY … TO STDOUT (FORMAT binary)` writes without its header and its end; they are of one workspace and month, in the order of
//! created_at and id. Printed is the manifest.

use std::error::Error;
use std::io::Read;
use std::path::Path;

use audit_cold::file::{Key, Object, Writer};
use audit_cold_row::{Chunker, Column, Rows};

fn main() -> Result<(), Box<dyn Error>> {
    let directory = std::env::args_os().nth(1).ok_or("write_sample DIRECTORY < ROWS")?;
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    let first = Rows::new(&bytes).next().ok_or("no rows")??;
    let workspace_id = uuid::Uuid::from_slice(first.get(Column::WorkspaceId).unwrap_or_default())?;
    let month = Key::of(&first).ok_or("no key")?.created_at[..7].to_owned();
    let id = uuid::Uuid::from_u128(1);
    let path =
        Path::new(&directory).join(format!("workspace={workspace_id}/year={}/{month}_{id}.parquet", &month[..4]));
    std::fs::create_dir_all(path.parent().ok_or("no folder")?)?;
    let object = Object { id, replaces: None, workspace_id, month, evidence: None };
    let mut writer = Writer::new(std::fs::File::create(&path)?, object)?;
    let (mut rest, mut chunker) = (&bytes[..], Chunker::new());
    for row in Rows::new(&bytes) {
        if let Some(chunk) = chunker.push(row?.byte_count()) {
            let (rows, after) = rest.split_at(chunk.bytes);
            writer.write_chunk(rows.to_vec())?;
            rest = after;
        }
    }
    writer.write_chunk(rest.to_vec())?;
    let (_, manifest) = writer.finish()?;
    println!("{}", serde_json::to_string(&manifest)?);
    Ok(())
}
