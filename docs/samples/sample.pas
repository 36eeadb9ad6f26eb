program sample;

uses SysUtils, Process, fpjson, jsonparser, FPHTTPClient, OpenSSLSockets;

var
  Reply: AnsiString;
  Succeeded: Boolean;
  Token: TJSONData;

begin
  Succeeded := RunCommand('freshet', ['token', ParamStr(1), '--json'], Reply);
  Token := GetJSON(Reply);
  if not Succeeded then
  begin
    WriteLn(StdErr, Token.GetPath('error.message').AsString);
    Halt(1);
  end;

  with TFPHTTPClient.Create(nil) do
  begin
    AddHeader('Authorization', 'Bearer ' + Token.GetPath('access_token').AsString);
    WriteLn(Get(Token.GetPath('instance_url').AsString + '/services/data/'));
  end;
end.
