; PureBasic, not run by the tests.
OpenConsole()
Parameter.s = "token " + Chr(34) + ProgramParameter() + Chr(34) + " --json"
Program = RunProgram("freshet", Parameter, "", #PB_Program_Open | #PB_Program_Read)
If Program = 0 : PrintN("freshet is not in the PATH") : End 1 : EndIf
While ProgramRunning(Program)
  If AvailableProgramOutput(Program) : Reply.s + ReadProgramString(Program) : EndIf
Wend
ParseJSON(0, Reply)
If ProgramExitCode(Program)
  PrintN(GetJSONString(GetJSONMember(GetJSONMember(JSONValue(0), "error"), "message"))) : End 1
EndIf

NewMap Header.s()
Header("Authorization") = "Bearer " + GetJSONString(GetJSONMember(JSONValue(0), "access_token"))
Instance.s = GetJSONString(GetJSONMember(JSONValue(0), "instance_url"))
Request = HTTPRequest(#PB_HTTP_Get, Instance + "/services/data/", "", 0, Header())
PrintN(HTTPInfo(Request, #PB_HTTP_Response))
