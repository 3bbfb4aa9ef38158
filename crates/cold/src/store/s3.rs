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
            let path = Path::from(upload.key.as_str());
            if upload.initiated < before && location.relative(&path).is_some_and(|path| is_ours(&path)) {
                self.store.abort_multipart(&path, &upload.upload_id).await?;
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
        let answer: Answer = quick_xml::de::from_reader(body.concat().as_slice()).map_err(|error| {
            StoreError::new(format!("the store's list of unfinished uploads cannot be read: {error}"))
        })?;
        Ok(Some(answer.uploads))
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Upload", default)]
    uploads: Vec<Upload>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Upload {
    key: String,
    upload_id: String,
    initiated: DateTime<Utc>,
}
