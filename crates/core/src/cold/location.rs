//! Where the files of cold storage are: a store, and a path in it.
//!
//! The database opens neither. It keeps both so that everybody finds the same file, and shows them to whoever reads the catalog. So a store
//! bears no credentials, and is written in one way only.

use uuid::Uuid;

use crate::argument::Argument;
use crate::ids::WorkspaceId;
use crate::month::Month;

const SCHEMES: [&str; 4] = ["file", "s3", "gs", "az"];
const LONGEST: usize = 1_000;

/// A directory or a bucket with a prefix, as a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store(String);

impl Store {
    /// What is wrong is told without the text, which may hold a password.
    pub fn parse(text: Option<String>) -> Result<Store, Argument> {
        let text = text.filter(|text| !text.is_empty()).ok_or_else(|| wrong("must be given"))?;
        let text = text.strip_suffix('/').unwrap_or(&text);
        if text.len() > LONGEST {
            return Err(wrong(format!("must not be longer than {LONGEST} characters")));
        }
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong("is no URL"))?;
        if !SCHEMES.contains(&scheme) {
            return Err(wrong("must begin with file:///, s3://, gs:// or az://"));
        }
        if !rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/+=,@:".contains(&byte)) {
            return Err(wrong("may have letters, digits and - . _ ~ / + = , @ : only"));
        }
        let mut segments = rest.split('/');
        let host = segments.next().unwrap_or_default();
        match scheme {
            "file" if !host.is_empty() => {
                return Err(wrong("names a host: a directory is file:/// and its absolute path"));
            }
            "file" if rest.is_empty() => return Err(wrong("names no directory")),
            "file" => (),
            _ if host.contains(['@', ':']) => return Err(wrong("must not have a user, password or port")),
            _ if !is_bucket(host) => return Err(wrong("names no bucket")),
            _ => (),
        }
        match segments.find(|segment| matches!(*segment, "" | "." | "..")) {
            Some("") => Err(wrong("has an empty part in its path")),
            Some(_) => Err(wrong("must not have . or .. in its path")),
            None => Ok(Store(text.to_owned())),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_bucket(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

fn wrong(problem: impl Into<std::borrow::Cow<'static, str>>) -> Argument {
    Argument::new("p_store").problem(problem).hint(
        "Give a directory, as file:///var/lib/audit-cold, or a bucket with a prefix, as s3://bucket/prefix. Credentials belong into the environment of audit-cold.",
    )
}

/// The path of an object's file: readers find a workspace and a year by it.
pub fn path(workspace: WorkspaceId, month: Month, object: Uuid) -> String {
    let (year, number) = (month.year(), month.number());
    format!("workspace={workspace}/year={year:04}/{year:04}-{number:02}_{object}.parquet")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::IntoReport;

    fn parsed(text: &str) -> Result<Store, Argument> {
        Store::parse(Some(text.to_owned()))
    }

    #[test]
    fn directories_and_buckets_are_stores() {
        for text in [
            "file:///var/lib/audit-cold",
            "file:///c",
            "s3://bucket",
            "s3://my.bucket-7/a/b_c/d=e",
            "gs://bucket/tenant@eu",
            "az://container/x",
        ] {
            assert_eq!(parsed(text).as_ref().map(Store::as_str), Ok(text));
        }
    }

    #[test]
    fn one_store_has_one_name() {
        assert_eq!(parsed("s3://bucket/prefix/"), parsed("s3://bucket/prefix"));
        assert!(parsed("s3://bucket/prefix//").is_err());
        assert!(parsed("S3://bucket").is_err());
        assert!(parsed("s3://bucket/./a").is_err());
        assert!(parsed("s3://bucket/%61").is_err());
    }

    #[test]
    fn what_is_no_store_is_refused() {
        for text in [
            "",
            "/var/lib/audit-cold",
            "file://",
            "file:///",
            "file://host/share",
            "file:var",
            "s3://",
            "s3:///prefix",
            "s3://-bucket",
            "s3://bucket:9000/x",
            "http://169.254.169.254/latest",
            "ftp://bucket/x",
            "s3://bucket/../other",
            "file:///var/../etc",
            "file:///var/..",
            "s3://bucket/a?versionId=1",
            "s3://bucket/a#b",
            "s3://bucket/a b",
            "s3://bucket/*",
            "s3://bucket/a\n",
            "s3://bucket/a\u{202e}b",
            "s3://bucket/ä",
            "file:///var\\..\\etc",
            "'; DROP TABLE audit_events; --",
        ] {
            assert!(parsed(text).is_err(), "{text:?}");
        }
        assert!(Store::parse(None).is_err());
        assert!(parsed(&format!("s3://bucket/{}", "a".repeat(LONGEST))).is_err());
    }

    #[test]
    fn credentials_are_refused_and_not_repeated() {
        for text in ["s3://key:secret@bucket/prefix", "s3://secret@bucket", "https://u:secret@host/x"] {
            let report = parsed(text).unwrap_err().report();
            assert!(!format!("{report:?}").contains("secret"), "{report:?}");
        }
    }

    #[test]
    fn a_path_names_workspace_year_month_and_object() {
        let (workspace, month) = (WorkspaceId(Uuid::from_u128(7)), Month::new(2026, 1).unwrap());
        assert_eq!(
            path(workspace, month, Uuid::from_u128(8)),
            "workspace=00000000-0000-0000-0000-000000000007/year=2026/2026-01_00000000-0000-0000-0000-000000000008.parquet"
        );
    }
}
