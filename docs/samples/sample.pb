; PureBasic, not run by the tests.

Program = RunProgram("freshet", "token " + ProgramParameter(), "", #PB_Program_Open | #PB_Program_Read)
Token.s = ReadProgramString(Program)
If Token = "" : End 1 : EndIf

NewMap Header.s()
Header("Authorization") = "Bearer " + Token
Request = HTTPRequest(#PB_HTTP_Get, GetEnvironmentVariable("INSTANCE_URL") + "/services/data/", "", 0, Header())
OpenConsole()
PrintN(HTTPInfo(Request, #PB_HTTP_Response))
