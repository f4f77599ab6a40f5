package local

import (
	"fmt"
	"io/fs"
	"maps"

	"github.com/goccy/go-yaml/ast"
)

// clouds are the cloud files that cases change, by name. Each is read once, however many cases there are.
type clouds map[string]Spec

// of reads the cloud of that name, which nodes change.
func (c clouds) of(files fs.FS, name string, nodes []ast.Node) (Spec, error) {
	spec, known := c[name]
	if !known {
		text, err := fs.ReadFile(files, "clouds/"+name+".yaml")
		if err != nil {
			return Spec{}, fmt.Errorf("there is no cloud called %q", name)
		}
		if spec, err = ReadSpec(text); err != nil {
			return Spec{}, err
		}
		c[name] = spec
	}
	spec.Function.Environment = maps.Clone(spec.Function.Environment)
	for _, node := range nodes {
		if err := spec.change(node); err != nil {
			return Spec{}, err
		}
	}
	return spec, spec.validate()
}
