; The installer for Windows: both bundles into Common Files, where all hosts look. `cargo xtask package windows`
; gives VERSION, BUNDLES (the folder of the bundles), TEXTS (the folder of licences) and OUT.
; Silent: DeepDrummer-…-setup.exe /S; its uninstaller the same.
Target amd64-unicode
!include "MUI2.nsh"
!include "FileFunc.nsh"
SetCompressor /SOLID lzma
; The same files give the same bytes, whenever they were built.
SetDateSave off

!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\DeepDrummer"
Name "DeepDrummer ${VERSION}"
OutFile "${OUT}"
RequestExecutionLevel admin
InstallDir "$PROGRAMFILES64\DeepDrummer"
BrandingText " "
ShowInstDetails nevershow
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "DeepDrummer"
VIAddVersionKey "CompanyName" "The DeepDrummer authors"
VIAddVersionKey "FileDescription" "Installs the DeepDrummer plugins (CLAP and VST3)"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "MIT or Apache-2.0"

!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

; A file that a running host has open can't be replaced: then nothing is half installed, and the exit code says so.
AllowSkipFiles off

Section "CLAP plugin" CLAP
  SetOutPath "$COMMONFILES64\CLAP"
  File "${BUNDLES}/DeepDrummer.clap"
SectionEnd

Section "VST3 plugin" VST3
  RMDir /r "$COMMONFILES64\VST3\DeepDrummer.vst3"
  SetOutPath "$COMMONFILES64\VST3\DeepDrummer.vst3\Contents\x86_64-win"
  File "${BUNDLES}/DeepDrummer.vst3/Contents/x86_64-win/DeepDrummer.vst3"
  SetOutPath "$COMMONFILES64\VST3\DeepDrummer.vst3\Contents\Resources"
  File "${BUNDLES}/DeepDrummer.vst3/Contents/Resources/moduleinfo.json"
SectionEnd

Section "-Uninstaller"
  SetOutPath "$INSTDIR"
  File "${TEXTS}/LICENSE-MIT"
  File "${TEXTS}/LICENSE-APACHE"
  File "${TEXTS}/THIRD-PARTY-NOTICES.txt"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  SetRegView 64
  WriteRegStr HKLM "${KEY}" "DisplayName" "DeepDrummer"
  WriteRegStr HKLM "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "${KEY}" "Publisher" "The DeepDrummer authors"
  WriteRegStr HKLM "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKLM "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKLM "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKLM "${KEY}" "NoModify" 1
  WriteRegDWORD HKLM "${KEY}" "NoRepair" 1
SectionEnd

LangString CLAP_HELP ${LANG_ENGLISH} "For hosts that load CLAP plugins: Bitwig Studio, REAPER, FL Studio."
LangString VST3_HELP ${LANG_ENGLISH} "For hosts that load VST3 plugins: nearly all."
!insertmacro MUI_FUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${CLAP} $(CLAP_HELP)
  !insertmacro MUI_DESCRIPTION_TEXT ${VST3} $(VST3_HELP)
!insertmacro MUI_FUNCTION_DESCRIPTION_END

; Projects, profiles and settings of people are theirs and stay.
Section "Uninstall"
  Delete "$COMMONFILES64\CLAP\DeepDrummer.clap"
  RMDir /r "$COMMONFILES64\VST3\DeepDrummer.vst3"
  Delete "$INSTDIR\LICENSE-MIT"
  Delete "$INSTDIR\LICENSE-APACHE"
  Delete "$INSTDIR\THIRD-PARTY-NOTICES.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  ; Only where nothing of anybody else is in them.
  RMDir "$COMMONFILES64\CLAP"
  RMDir "$COMMONFILES64\VST3"
  SetRegView 64
  DeleteRegKey HKLM "${KEY}"
SectionEnd
