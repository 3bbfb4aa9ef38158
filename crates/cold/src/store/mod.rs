//! Where files are kept: a directory, or a bucket of an object store.
//!
//! A file is made only where none is. Each file is read back after it was made, so what counts is what the store gives and not what it says.
//! Credentials come from the environment, or from the machine's role; none is ever in a URL, which is kept in the database.

mod error;
mod limit;
mod local;
mod s3;
mod stored;
mod url;

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::sync::Arc;

use chrono::Utc;
use futures_util::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutPayload};
use tokio::runtime::Runtime;

use self::limit::{ABANDONED, PART, next_part};
use self::stored::UNFINISHED;
use self::url::is_ours;

pub use self::error::StoreError;
pub use self::stored::Stored;
pub use self::url::{Location, Scheme};
use crate::file::{Hash, Hashing};

/// What became of a file that was to be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Put {
    Made,
    /// A file is there already: perhaps made by a request whose answer was lost.
    Exists,
}

/// What a store has under a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Got {
    Nothing,
    /// A file that is not as long as it should be. It was not read: who knows how long that would take.
    OfOtherLength(u64),
    Whole {
        bytes: u64,
        hash: Hash,
    },
}

/// What became of a file that was to be removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Removal {
    Removed,
    /// It was removed before, or never made, or this is another store.
    WasNotThere,
}

pub struct Store {
    location: Location,
    store: Arc<dyn ObjectStore>,
    s3: Option<s3::Uploads>,
    runtime: Runtime,
}

impl Store {
    pub fn open(location: Location) -> Result<Store, StoreError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut s3 = None;
        let store: Arc<dyn ObjectStore> = match location.scheme {
            Scheme::File => local::open(&location)?,
            Scheme::S3 => {
                let uploads = s3::Uploads::open(&location)?;
                let store = uploads.store();
                s3 = Some(uploads);
                store
            }
            #[cfg(feature = "gs")]
            Scheme::Gs => Arc::new(
                object_store::gcp::GoogleCloudStorageBuilder::from_env()
                    .with_bucket_name(&location.bucket)
                    .with_retry(limit::retries())
                    .with_client_options(url::client_options("google_"))
                    .build()?,
            ),
            #[cfg(feature = "az")]
            Scheme::Az => Arc::new(
                object_store::azure::MicrosoftAzureBuilder::from_env()
                    .with_container_name(&location.bucket)
                    .with_retry(limit::retries())
                    .with_client_options(url::client_options("azure_"))
                    .build()?,
            ),
        };
        Ok(Store { location, store, s3, runtime })
    }

    /// How the database knows it.
    pub fn url(&self) -> &str {
        &self.location.url
    }

    /// Makes a file of all that is in another one, if there is none.
    pub fn put(&self, path: &str, file: &mut File) -> Result<Put, StoreError> {
        let bytes = file.seek(SeekFrom::End(0))?;
        file.rewind()?;
        let target = self.location.path_of(path)?;
        let made = self.runtime.block_on(async {
            match &self.s3 {
                _ if bytes <= PART => self.put_whole(&target, file).await,
                Some(uploads) => uploads.put(&target, file).await,
                None => self.put_and_rename(&target, file).await,
            }
        });
        match made {
            Ok(()) => Ok(Put::Made),
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => {
                Ok(Put::Exists)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn put_whole(&self, target: &Path, file: &mut File) -> object_store::Result<()> {
        let part = next_part(file)?.unwrap_or_default();
        self.store.put_opts(target, PutPayload::from(part), PutMode::Create.into()).await?;
        Ok(())
    }

    /// Under another name first, because a file made part by part would replace one that is there.
    async fn put_and_rename(&self, target: &Path, file: &mut File) -> object_store::Result<()> {
        let unfinished = Path::from(format!("{target}{UNFINISHED}"));
        let mut upload = self.store.put_multipart(&unfinished).await?;
        let sent = async {
            while let Some(part) = next_part(file)? {
                upload.put_part(PutPayload::from(part)).await?;
            }
            upload.complete().await
        };
        match sent.await {
            Ok(_) => self.store.rename_if_not_exists(&unfinished, target).await,
            Err(error) => {
                let _ = upload.abort().await;
                Err(error)
            }
        }
    }

    /// Reads a file into another one, if it is as long as is expected.
    pub fn get(&self, path: &str, expected: Option<u64>, out: &mut File) -> Result<Got, StoreError> {
        let target = self.location.path_of(path)?;
        self.runtime.block_on(async {
            let bytes = match self.store.head(&target).await {
                Ok(found) => found.size,
                Err(object_store::Error::NotFound { .. }) => return Ok(Got::Nothing),
                Err(error) => return Err(error.into()),
            };
            if expected.is_some_and(|expected| expected != bytes) {
                return Ok(Got::OfOtherLength(bytes));
            }
            out.set_len(0)?;
            out.rewind()?;
            let mut hashing = Hashing::new(&mut *out);
            // In pieces, so that each request has an end in sight.
            let mut begin = 0;
            while begin < bytes {
                let end = bytes.min(begin + PART);
                match self.store.get_range(&target, begin..end).await {
                    Ok(piece) if piece.len() as u64 == end - begin => hashing.write_all(&piece)?,
                    Ok(piece) => {
                        let problem =
                            format!("{path}: {} bytes came of {} that were asked for", piece.len(), end - begin);
                        return Err(StoreError::new(problem));
                    }
                    Err(object_store::Error::NotFound { .. }) => return Ok(Got::Nothing),
                    Err(error) => return Err(error.into()),
                }
                begin = end;
            }
            let (_, bytes, hash) = hashing.finish();
            Ok(Got::Whole { bytes, hash })
        })
    }

    /// How long a file is; None: there is none.
    pub fn length(&self, path: &str) -> Result<Option<u64>, StoreError> {
        let target = self.location.path_of(path)?;
        match self.runtime.block_on(self.store.head(&target)) {
            Ok(found) => Ok(Some(found.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes a file. A store answers a second removal as the first one, and a bucket that does not exist as one without the file, so it is looked for
    /// before.
    pub fn remove(&self, path: &str) -> Result<Removal, StoreError> {
        let is_there = self.length(path)?.is_some();
        if is_there {
            match self.runtime.block_on(self.store.delete(&self.location.path_of(path)?)) {
                // Another run was faster.
                Ok(()) | Err(object_store::Error::NotFound { .. }) => (),
                Err(error) => return Err(error.into()),
            }
        }
        if self.location.scheme == Scheme::File {
            local::sync_folder_of(&self.location, path)?;
        }
        Ok(if is_there { Removal::Removed } else { Removal::WasNotThere })
    }

    /// All files of cold storage.
    pub fn list(&self) -> Result<Vec<Stored>, StoreError> {
        if self.location.scheme == Scheme::File {
            return Ok(local::list(&self.location)?);
        }
        let prefix = self.location.prefix();
        let all: Vec<_> = self.runtime.block_on(self.store.list(prefix.as_ref()).try_collect())?;
        let files = all.into_iter().filter_map(|found| {
            let path = self.location.relative(&found.location)?;
            is_ours(&path).then_some(Stored { path, bytes: found.size })
        });
        Ok(files.collect())
    }

    /// Removes what uploads left behind that ended long ago. Gives how many there were.
    pub fn remove_abandoned(&self) -> Result<usize, StoreError> {
        match (&self.s3, self.location.scheme) {
            (_, Scheme::File) => Ok(local::remove_abandoned(&self.location)?),
            (Some(uploads), _) => self.runtime.block_on(uploads.abort_abandoned(&self.location)),
            (None, _) => self.runtime.block_on(self.remove_unfinished()),
        }
    }

    /// Files that were to be renamed when they were whole.
    async fn remove_unfinished(&self) -> Result<usize, StoreError> {
        let prefix = self.location.prefix();
        let before = Utc::now() - ABANDONED;
        let all: Vec<_> = self.store.list(prefix.as_ref()).try_collect().await?;
        let mut count = 0;
        for found in all {
            let path = self.location.relative(&found.location);
            let is_unfinished = path.is_some_and(|path| path.strip_suffix(UNFINISHED).is_some_and(is_ours));
            if is_unfinished && found.last_modified < before {
                self.store.delete(&found.location).await?;
                count += 1;
            }
        }
        Ok(count)
    }
}
