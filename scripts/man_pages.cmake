# The manual pages of the program and of each of its verbs: cmake -D PARKFLOW=PROGRAM -D FOLDER=FOLDER -P man_pages.cmake
execute_process(COMMAND ${PARKFLOW} help OUTPUT_VARIABLE overview COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "\n  [a-z]+ " rows "${overview}")
file(MAKE_DIRECTORY ${FOLDER})
execute_process(COMMAND ${PARKFLOW} help --man OUTPUT_FILE ${FOLDER}/parkflow.1 COMMAND_ERROR_IS_FATAL ANY)
foreach(row ${rows})
  string(STRIP ${row} verb)
  execute_process(COMMAND ${PARKFLOW} help ${verb} --man OUTPUT_FILE ${FOLDER}/parkflow-${verb}.1
                  COMMAND_ERROR_IS_FATAL ANY)
endforeach()
