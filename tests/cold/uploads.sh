#!/usr/bin/env bash
# Proves that a large file, which goes to S3 in parts, never takes the place of another, and that uploads of ours which nobody finished are found and aborted.
set -euo pipefail
. "$(dirname "$0")/../lib/report.sh"
. "$(dirname "$0")/../lib/cold.sh"

missing=$(cold_toolchain)
[ -z "$missing" ] || { not_ok 'the stores are there' "$missing"; exit; }
toolchain_setup
(cd "$ROOT" && "$CARGO" build --quiet --profile ci -p audit_cold --example put_file)
put() { head -c 40000000 /dev/zero | tr '\0' "$1" | "${CARGO_TARGET_DIR:-$ROOT/target}/ci/examples/put_file" "$STORE" workspace=1/year=2020/2020-01_7.parquet; }
# of_s3 CODE: Python with a client s3.
of_s3() { cold_python -c "import boto3, hashlib, os; s3 = boto3.client('s3', endpoint_url=os.environ['AWS_ENDPOINT']); $1"; }

for kind in s3s moto; do
    store_start $kind
    check_equal "$kind: a large file is made once" 'Made Exists' "$(put a) $(put b)"
    check_equal "$kind: ... and what is there stays" a40000000 \
        "$(of_s3 "body = s3.get_object(Bucket='trail', Key='events/workspace=1/year=2020/2020-01_7.parquet')['Body'].read(); print(chr(body[-1]) + str(len(body)))")"
done

# moto says of each upload that it was begun in 2010.
database_with_trail cold
uploads() { of_s3 "print(*sorted(upload['Key'] for upload in s3.list_multipart_uploads(Bucket='trail').get('Uploads', [])))"; }
ours=events/workspace=1/year=2020/2020-02_8.parquet others='elsewhere/workspace=1/year=2020/2020-02_8.parquet events/notes'
for key in $ours $others; do of_s3 "s3.create_multipart_upload(Bucket='trail', Key='$key')"; done
check_cold 'clean' 0 clean
check_equal '... aborts the upload that nobody finished, and no other' "$(tr ' ' '\n' <<<"$others" | sort | xargs)" "$(uploads)"
database_drop cold
