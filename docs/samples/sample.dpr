// Delphi, not run by the tests. Delphi reads no program's output in one line: freshet exec NAME -- sample.exe
program sample;

{$APPTYPE CONSOLE}

uses System.SysUtils, System.Net.HttpClient;

begin
  with THTTPClient.Create do
  begin
    CustomHeaders['Authorization'] := GetEnvironmentVariable('FRESHET_AUTHORIZATION');
    WriteLn(Get(GetEnvironmentVariable('FRESHET_INSTANCE_URL') + '/services/data/').ContentAsString);
  end;
end.
