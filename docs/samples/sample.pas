program sample;

uses SysUtils, Process, FPHTTPClient, OpenSSLSockets;

var
  Token: AnsiString;

begin
  if not RunCommand('freshet', ['token', ParamStr(1)], Token) then Halt(1);

  with TFPHTTPClient.Create(nil) do
  begin
    AddHeader('Authorization', 'Bearer ' + Trim(Token));
    WriteLn(Get(GetEnvironmentVariable('INSTANCE_URL') + '/services/data/'));
  end;
end.
