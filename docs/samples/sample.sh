#!/bin/sh
token=$(freshet token "$1") && curl -fsS -H "Authorization: Bearer $token" "$INSTANCE_URL/services/data/"
