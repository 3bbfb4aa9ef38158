//! The URL of a store, and paths under it.

use audit_core::report::IntoReport;
use object_store::ClientOptions;
use object_store::client::ClientConfigKey;
use object_store::path::Path;

use super::error::StoreError;
use super::limit::{CONNECT_TIMEOUT, TIMEOUT};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scheme {
    File,
    S3,
    #[cfg(feature = "gs")]
    Gs,
    #[cfg(feature = "az")]
    Az,
}

/// A place for files, as it was named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Location {
    pub url: String,
    pub scheme: Scheme,
    /// The bucket or container; empty for a directory.
    pub bucket: String,
    /// The directory, with its leading slash, or the prefix in the bucket, without one. Neither ends with a slash.
    pub folder: String,
}

impl Location {
    pub fn parse(url: &str) -> Result<Location, StoreError> {
        let store = audit_core::cold::location::Store::parse(Some(url.to_owned()));
        // Not the URL itself: what is too much in it may be a secret.
        let url = store.map_err(|argument| unusable(argument.report().message))?.as_str().to_owned();
        let (scheme, rest) = url.split_once("://").unwrap_or_default();
        let scheme = match scheme {
            "file" => Scheme::File,
            "s3" => Scheme::S3,
            #[cfg(feature = "gs")]
            "gs" => Scheme::Gs,
            #[cfg(feature = "az")]
            "az" => Scheme::Az,
            other => return Err(unusable(format!("this program was built without stores of {other}://"))),
        };
        let (bucket, folder) = match scheme {
            Scheme::File => ("", rest),
            _ => rest.split_once('/').unwrap_or((rest, "")),
        };
        Ok(Location { scheme, bucket: bucket.to_owned(), folder: folder.to_owned(), url })
    }

    /// Where a file is in the store. A directory is opened as a store of its own.
    pub fn path_of(&self, path: &str) -> Result<Path, StoreError> {
        if !is_ours(path) {
            return Err(StoreError::new(format!("{path} is not a path of cold storage")));
        }
        let whole = match self.scheme {
            Scheme::File => path.to_owned(),
            _ => format!("{}/{path}", self.folder),
        };
        Path::parse(whole.trim_start_matches('/')).map_err(|error| StoreError::new(error.to_string()))
    }

    pub fn prefix(&self) -> Option<Path> {
        (self.scheme != Scheme::File && !self.folder.is_empty()).then(|| Path::from(self.folder.as_str()))
    }

    /// The path under this place.
    pub fn relative(&self, path: &Path) -> Option<String> {
        let path = path.as_ref();
        match self.prefix() {
            None => Some(path.to_owned()),
            Some(prefix) => path.strip_prefix(prefix.as_ref())?.strip_prefix('/').map(str::to_owned),
        }
    }
}

/// Whether a path is one that the database gives: `workspace=…/year=…/….parquet`.
pub fn is_ours(path: &str) -> bool {
    let mut parts = path.split('/');
    let (workspace, year, file, end) = (parts.next(), parts.next(), parts.next(), parts.next());
    workspace.is_some_and(|part| part.starts_with("workspace="))
        && year.is_some_and(|part| part.starts_with("year="))
        && file.is_some_and(|part| part.ends_with(".parquet"))
        && end.is_none()
}

fn unusable(problem: impl std::fmt::Display) -> StoreError {
    StoreError::new(format!("the store cannot be used: {problem}"))
}

/// Options of HTTP, of which the environment may set others as `<PREFIX>PROXY_URL` and the like.
pub fn client_options(prefix: &str) -> ClientOptions {
    let mut options = ClientOptions::new().with_timeout(TIMEOUT).with_connect_timeout(CONNECT_TIMEOUT);
    for (name, value) in std::env::vars_os() {
        let (Some(name), Some(value)) = (name.to_str(), value.to_str()) else { continue };
        let name = name.to_ascii_lowercase();
        if let Some(Ok(key)) = name.strip_prefix(prefix).map(str::parse::<ClientConfigKey>) {
            options = options.with_config(key, value);
        }
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> (String, String, String) {
        let location = Location::parse(url).unwrap();
        (location.url, location.bucket, location.folder)
    }

    fn refused(url: &str) -> String {
        Location::parse(url).unwrap_err().to_string()
    }

    #[test]
    fn a_place_has_one_url() {
        let owned = |[url, bucket, folder]: [&str; 3]| (url.to_owned(), bucket.to_owned(), folder.to_owned());
        assert_eq!(parsed("file:///var/cold/"), owned(["file:///var/cold", "", "/var/cold"]));
        assert_eq!(parsed("s3://bucket"), owned(["s3://bucket", "bucket", ""]));
        assert_eq!(parsed("s3://bucket/"), owned(["s3://bucket", "bucket", ""]));
        assert_eq!(parsed("s3://bucket/a/b@c/"), owned(["s3://bucket/a/b@c", "bucket", "a/b@c"]));
    }

    #[test]
    fn a_url_has_no_secrets_and_leads_nowhere_else() {
        for url in ["s3://key:secret@bucket", "s3://bucket?X-Amz-Signature=secret", "s3://bucket/a#secret"] {
            assert!(!refused(url).contains("secret"), "{url}");
        }
        for url in
            ["file://var/cold", "file:///var/../etc", "s3:///a", "ftp://bucket", "/var/cold", "s3://bucket/%2e%2e/a"]
        {
            refused(url);
        }
    }

    #[test]
    fn only_paths_of_cold_storage_are_taken() {
        let location = Location::parse("s3://bucket/a").unwrap();
        let path = "workspace=1/year=2026/2026-01_2.parquet";
        assert_eq!(location.path_of(path).unwrap().as_ref(), format!("a/{path}"));
        assert_eq!(location.relative(&location.path_of(path).unwrap()).as_deref(), Some(path));
        for path in ["../other", "workspace=1/../../x.parquet", "workspace=1/year=1/a/b.parquet", ""] {
            assert!(location.path_of(path).is_err(), "{path}");
        }
    }
}
