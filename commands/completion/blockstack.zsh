#compdef blockstack
# Completion of blockstack for zsh. What was typed goes through a pipe, never into arguments.
_blockstack() {
    local line text about
    local -a values
    integer files=0 folders=0
    while IFS= read -r line; do
        text=${line%%$'\t'*}
        about=${line#*$'\t'}
        [[ $about == $line ]] && about=
        case $text in
        (:files) files=1 ;;
        (:folders) folders=1 ;;
        (?*) values+=("${text//:/\\:}${about:+:$about}") ;;
        esac
    done < <(print -rl -- "${(@Q)words[1,CURRENT]}" | "${(Q)words[1]/#\~\//$HOME/}" __complete words 2>/dev/null)
    ((${#values})) && _describe -t values blockstack values
    ((folders)) && _files -/
    ((files)) && _files
    ((${#values} + folders + files))
}
compdef _blockstack blockstack
