#!/bin/sh
freshet exec "$1" -- sh -c 'curl -fsS -H "Authorization: $FRESHET_AUTHORIZATION" "$FRESHET_INSTANCE_URL/services/data/"'
