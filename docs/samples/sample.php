<?php
$token = exec('freshet token ' . escapeshellarg($argv[1])) or exit(1);

$header = ['http' => ['header' => "Authorization: Bearer $token"]];
echo file_get_contents(getenv('INSTANCE_URL') . '/services/data/', false, stream_context_create($header));
