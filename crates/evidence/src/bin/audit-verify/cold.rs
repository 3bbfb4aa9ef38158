//! Folders with files of cold storage, as `audit-cold` lays them out: a folder for each workspace.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use audit_cold::file::Reader;
use audit_evidence::verify::files::cold::{ColdFile, ColdFiles};
use uuid::Uuid;

pub struct Folders(pub Vec<PathBuf>);

impl ColdFiles for Folders {
    fn of(&self, workspace: Uuid) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for folder in &self.0 {
            let of_workspace = folder.join(format!("workspace={workspace}"));
            match of_workspace.try_exists()? {
                true => collect(&of_workspace, &mut files)?,
                // A folder that is misspelt has no files either, and must not pass for an empty one.
                false => drop(fs::read_dir(folder)?),
            }
        }
        files.sort_unstable();
        Ok(files)
    }

    fn open(&self, path: &Path) -> Result<Box<dyn ColdFile>, String> {
        let file = File::open(path).map_err(|error| error.to_string())?;
        let reader = Reader::new(file).map_err(|error| error.to_string())?;
        Ok(Box::new(Opened(reader)))
    }
}

/// All files below a folder whose names end as theirs do; what is being written has another name. Links are not followed: they may lead in circles.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            collect(&path, files)?;
        } else if kind.is_file() && path.extension().is_some_and(|extension| extension == "parquet") {
            files.push(path);
        }
    }
    Ok(())
}

struct Opened(Reader<File>);

impl ColdFile for Opened {
    fn evidence(&self) -> Option<String> {
        self.0.footer().evidence.as_ref()?.as_str().map(String::from)
    }

    fn chunk_count(&self) -> usize {
        self.0.chunk_count()
    }

    fn chunk(&mut self, chunk: usize) -> Result<Vec<u8>, String> {
        self.0.chunk(chunk).map_err(|error| error.to_string())
    }
}
