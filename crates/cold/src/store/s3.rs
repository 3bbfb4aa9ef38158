//! Uploads to S3 in parts, which object_store can neither end on condition that no file is there, nor find when they were abandoned.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use http::{HeaderMap, HeaderValue, Method, header};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{HttpClient, HttpConnector, HttpRequestBody, ReqwestConnector};
use object_store::multipart::MultipartStore;
use object_store::path::Path;
use object_store::signer::{SignedUrlOptions, Signer};
use object_store::{ObjectStore, ObjectStoreExt};
use serde::Deserialize;

use super::error::StoreError;
use super::limit::{ABANDONED, next_part, retries};
use super::url::{Location, client_options, is_ours};

/// Of the variables of the environment.
const PREFIX: &str = "aws_";

/// A signed request is sent at once.
const SIGNATURE_VALID_FOR: Duration = Duration::from_secs(60);

pub struct Uploads {
    store: Arc<AmazonS3>,
    /// The same with the condition in each request.
    if_absent: AmazonS3,
    client: HttpClient,
}

impl Uploads {
    pub fn open(location: &Location) -> Result<Uploads, StoreError> {
        let builder = || AmazonS3Builder::from_env().with_bucket_name(&location.bucket).with_retry(retries());
        let store = builder().with_client_options(client_options(PREFIX)).build()?;
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("*"));
        let if_absent = builder()
            .with_client_options(client_options(PREFIX).with_default_headers(headers))
            // The other one fetches them: a role's come by HTTP, where the condition has no place.
            .with_credentials(store.credentials().clone())
            .build()?;
        let client = ReqwestConnector::default().connect(&client_options(PREFIX))?;
        Ok(Uploads { store: Arc::new(store), if_absent, client })
    }

    pub fn store(&self) -> Arc<dyn ObjectStore> {
        self.store.clone()
    }

    /// Makes a file in parts, if there is none when the last one is there.
    pub async fn put(&self, target: &Path, file: &mut File) -> object_store::Result<()> {
        let upload = self.store.create_multipart(target).await?;
        let sent = async {
            let mut parts = Vec::new();
            while let Some(part) = next_part(file)? {
                parts.push(self.store.put_part(target, &upload, parts.len(), part.into()).await?);
            }
            self.if_absent.complete_multipart(target, &upload, parts).await
        };
        match sent.await {
            Ok(_) => Ok(()),
            Err(error) => {
                let _ = self.store.abort_multipart(target, &upload).await;
                // A file that is there after all is for the caller to read.
                match self.store.head(target).await {
                    Ok(_) => {
                        Err(object_store::Error::AlreadyExists { path: target.to_string(), source: Box::new(error) })
                    }
                    Err(_) => Err(error),
                }
            }
        }
    }

    pub async fn abort_abandoned(&self, location: &Location) -> Result<usize, StoreError> {
        let before = Utc::now() - ABANDONED;
        let mut count = 0;
        for upload in self.uploads(location).await?.unwrap_or_default() {
            if upload.initiated < before && upload.is_ours(location) {
                self.store.abort_multipart(&upload.path(), &upload.upload_id).await?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// The first thousand; the next run finds others. None: the store does not list them, or not to us. Then it is for a rule of the bucket to remove them.
    async fn uploads(&self, location: &Location) -> Result<Option<Vec<Upload>>, StoreError> {
        let prefix = if location.folder.is_empty() { String::new() } else { format!("{}/", location.folder) };
        let options = SignedUrlOptions::new().with_query([("uploads", ""), ("prefix", &prefix)]);
        let bucket = Path::default();
        let url = self.store.signed_url_opts(Method::GET, &bucket, SIGNATURE_VALID_FOR, &options).await?;
        let request = http::Request::get(url.as_str()).body(HttpRequestBody::empty());
        let request = request.map_err(|error| StoreError::new(error.to_string()))?;
        let answer = self.client.execute(request).await.map_err(|error| StoreError::new(error.to_string()))?;
        if !answer.status().is_success() {
            return Ok(None);
        }
        let body: Vec<_> = answer
            .into_body()
            .bytes_stream()
            .try_collect()
            .await
            .map_err(|error| StoreError::new(error.to_string()))?;
        Ok(Some(Answer::parse(&body.concat())?.uploads))
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Upload", default)]
    uploads: Vec<Upload>,
}

impl Answer {
    fn parse(xml: &[u8]) -> Result<Answer, StoreError> {
        let problem =
            |error| StoreError::new(format!("the store's list of unfinished uploads cannot be read: {error}"));
        quick_xml::de::from_reader(xml).map_err(problem)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Upload {
    key: String,
    upload_id: String,
    initiated: DateTime<Utc>,
}

impl Upload {
    fn path(&self) -> Path {
        Path::from(self.key.as_str())
    }

    fn is_ours(&self, location: &Location) -> bool {
        location.relative(&self.path()).is_some_and(|path| is_ours(&path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>trail</Bucket><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>"#;

    #[test]
    fn unfinished_uploads_are_read_as_s3_lists_them() {
        assert!(Answer::parse(NONE.as_bytes()).unwrap().uploads.is_empty());
        let upload = |key: &str, day: u8| {
            format!(
                "<Upload><Key>{key}</Key><UploadId>id</UploadId><Initiator><ID>x</ID></Initiator><StorageClass>STANDARD</StorageClass>\
                 <Initiated>2026-01-{day:02}T20:48:33.000Z</Initiated></Upload>"
            )
        };
        let ours = "a/workspace=1/year=2026/2026-01_7.parquet";
        let listed = upload(ours, 1) + &upload(ours, 3) + &upload("b/workspace=1/year=2026/2026-01_7.parquet", 1);
        let answer = Answer::parse(NONE.replace("</List", &(listed + "</List")).as_bytes()).unwrap();
        let location = Location::parse("s3://trail/a").unwrap();
        let ours: Vec<bool> = answer.uploads.iter().map(|upload| upload.is_ours(&location)).collect();
        assert_eq!(ours, [true, true, false]);
        assert!(answer.uploads[0].initiated < answer.uploads[1].initiated && answer.uploads[0].upload_id == "id");
    }
}
