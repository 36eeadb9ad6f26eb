<?php
exec('freshet token ' . escapeshellarg($argv[1]) . ' --json', $reply, $code);
if ($code) exit($code); // freshet has printed why
$token = json_decode(implode($reply));

$header = ['http' => ['header' => "Authorization: Bearer $token->access_token"]];
echo file_get_contents("$token->instance_url/services/data/", false, stream_context_create($header));
